/* The C interface from C. */
#include <lamina/c_api.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) {                                                          \
            printf("line %d: %s (%s)\n", __LINE__, #condition, lamina_last_error()); \
            return 1;                                                                \
        }                                                                            \
    } while (0)

int main(void) {
    const int64_t shape[2] = {2, 2};
    const float values[4] = {1, 2, 3, 4};
    lamina_tensor *x = NULL, *sum = NULL, **results = NULL;
    const lamina_tensor* operands[1];
    lamina_argument arguments[2];
    lamina_attr attr;
    size_t count = 0;
    const void* data = NULL;

    CHECK(lamina_abi_version() == LAMINA_ABI_VERSION);
    CHECK(lamina_tensor_create(LAMINA_FLOAT32, shape, 2, values, &x) == LAMINA_OK);
    CHECK(lamina_tensor_rank(x) == 2 && lamina_tensor_shape(x)[1] == 2 && lamina_tensor_size(x) == 4);

    operands[0] = x;
    arguments[0].tensors = operands;
    arguments[0].variables = NULL;
    arguments[0].count = 1;
    arguments[1] = arguments[0];
    CHECK(lamina_call("matMul", arguments, 2, NULL, 0, &results, &count) == LAMINA_OK && count == 1);
    sum = results[0];
    lamina_results_free(results);
    CHECK(lamina_tensor_data(sum, &data) == LAMINA_OK && ((const float*)data)[3] == 22);
    lamina_tensor_free(sum);

    memset(&attr, 0, sizeof attr);
    attr.name = "axis";
    attr.kind = LAMINA_ATTR_NONE;
    CHECK(lamina_call("sum", arguments, 1, &attr, 1, &results, &count) == LAMINA_OK);
    CHECK(lamina_tensor_data(results[0], &data) == LAMINA_OK && ((const float*)data)[0] == 10);
    lamina_tensor_free(results[0]);
    lamina_results_free(results);

    CHECK(lamina_call("matMul", NULL, 2, NULL, 0, &results, &count) == LAMINA_VALUE_ERROR);
    CHECK(strstr(lamina_last_error(), "null") != NULL);
    CHECK(lamina_tensor_create(99, shape, 2, values, &x) == LAMINA_VALUE_ERROR);
    lamina_tensor_free(x);
    lamina_tensor_free(NULL);
    printf("ok\n");
    return 0;
}
