"""Names of Keras 3, PyTorch and scikit-learn, by our places.

One that has no counterpart is answered so, not by a name that is spelled alike.
"""

from __future__ import annotations

__all__ = ["KNOWN"]

KNOWN = {
    "tf.layers": """
        Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
        AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
        AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D
        AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization
        Bidirectional CategoryEncoding CenterCrop Concatenate
        ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose
        Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose
        Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D
        Cropping2D Cropping3D CutMix Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot
        Dropout ELU EinsumDense Embedding Equalization Flatten FlaxLayer GRU GRUCell GaussianDropout
        GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D
        GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization
        GroupQueryAttention HashedCrossing Hashing Identity InputLayer InputSpec IntegerLookup
        JaxLayer LSTM LSTMCell Lambda Layer LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes
        MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram
        Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute Pipeline
        RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
        RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
        RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
        RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector
        Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D
        SeparableConv2D SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell
        Softmax Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D
        SpectralNormalization StackedRNNCells StringLookup Subtract TFSMLayer TextVectorization
        TimeDistributed TorchModuleWrapper UnitNormalization UpSampling1D UpSampling2D UpSampling3D
        Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """,
    "tf.initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer
        Initializer LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal
        RandomUniform STFT STFTInitializer TruncatedNormal VarianceScaling Zeros constant
        glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform ones
        orthogonal random_normal random_uniform stft truncated_normal variance_scaling zeros
    """,
    "tf.regularizers": """
        L1 L1L2 L2 OrthogonalRegularizer Regularizer l1 l1_l2 l2 orthogonal_regularizer
    """,
    "tf.constraints": """
        Constraint MaxNorm MinMaxNorm NonNeg UnitNorm max_norm min_max_norm non_neg unit_norm
    """,
    "tf.losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy
        CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy CategoricalHinge Circle
        CosineSimilarity Dice Hinge Huber KLDivergence LogCosh Loss MeanAbsoluteError
        MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
        SparseCategoricalCrossentropy SquaredHinge Tversky binary_crossentropy
        binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy
        categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity ctc dice
        hinge huber kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error
        mean_squared_error mean_squared_logarithmic_error poisson sparse_categorical_crossentropy
        squared_hinge tversky
    """,
    "tf.metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy
        CategoricalCrossentropy CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score
        FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence LogCoshError Mean
        MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper MeanSquaredError
        MeanSquaredLogarithmicError Metric OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson
        Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
        SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum
        TopKCategoricalAccuracy TrueNegatives TruePositives binary_accuracy binary_crossentropy
        binary_focal_crossentropy categorical_accuracy categorical_crossentropy
        categorical_focal_crossentropy categorical_hinge concordance_correlation hinge huber
        kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error pearson_correlation poisson sparse_categorical_accuracy
        sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge
        top_k_categorical_accuracy
    """,
    "tf.train": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer
        MultiOptimizer Muon Nadam Optimizer OptimizerMap RMSprop SGD ScheduleFreeAdamW
    """,
    "tf.train.schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule
        PiecewiseConstantDecay PolynomialDecay
    """,
    "tf.callbacks": """
        BackupAndRestore CSVLogger Callback CallbackList EarlyStopping History LambdaCallback
        LearningRateScheduler ModelCheckpoint OrbaxCheckpoint ProgbarLogger ReduceLROnPlateau
        RemoteMonitor SwapEMAWeights TensorBoard TerminateOnNaN
    """,
    "tf": """
        AdaBoostClassifier AdaptiveAvgPool2d AvgPool1d AvgPool2d BCELoss BCEWithLogitsLoss
        BatchNorm1d BatchNorm2d Bilinear CELU CTCLoss ColumnTransformer Conv1d Conv2d Conv3d
        ConvTranspose2d CosineEmbeddingLoss CountVectorizer CrossEntropyLoss DBSCAN DataLoader
        DataParallel Dataset DecisionTreeClassifier Dropout2d ElasticNet Embedding EmbeddingBag
        Flatten Fold GELU GLU GRU GaussianNB GaussianNLLLoss GradientBoostingClassifier GridSearchCV
        GroupNorm Hardswish HingeEmbeddingLoss HistGradientBoostingClassifier Identity
        InstanceNorm2d IsolationForest KFold KLDivLoss KMeans KNeighborsClassifier L1Loss LSTM
        LSTMCell LabelEncoder Lasso LayerNorm LeakyReLU Linear LinearRegression LinearSVC LogSoftmax
        LogisticRegression MLPClassifier MLPRegressor MSELoss MarginRankingLoss MaxPool1d MaxPool2d
        MinMaxScaler Mish Module ModuleDict ModuleList MultiheadAttention NLLLoss NMF OneHotEncoder
        OrdinalEncoder PCA PReLU Parameter ParameterList Perceptron Pipeline PixelShuffle
        PolynomialFeatures RNN RandomForestClassifier RandomForestRegressor RandomizedSearchCV ReLU
        Ridge RobustScaler SELU SGDClassifier SVC SVR Sequential SiLU Sigmoid SimpleImputer
        SmoothL1Loss Softmax Softplus StandardScaler StratifiedKFold TSNE Tanh TensorDataset
        TfidfVectorizer Transformer TransformerDecoder TransformerEncoder TripletMarginLoss
        TruncatedSVD Unfold Upsample ZeroPad2d abs absolute accuracy_score adaptive_average_pool
        adaptive_max_pool add addcdiv addcmul addmm all allclose amax amin amp angle any append
        arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argpartition
        argsort array array_split as_strided associative_scan autocast average average_pool backends
        baddbmm bartlett batch_normalization binary_crossentropy bincount bitwise_and bitwise_invert
        bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman
        broadcast_to bucketize cast categorical_crossentropy cbrt cdist ceil celu cholesky
        cholesky_inverse classification_report clip clone combinations concatenate cond
        confusion_matrix conj conjugate conv conv_transpose convert_to_numpy convert_to_tensor copy
        corrcoef correlate cos cosh count_nonzero cross cross_val_score ctc_decode ctc_loss cummax
        cummin cumprod cumsum custom_gradient deg2rad depth_to_space depthwise_conv det detach
        deterministic diag diagflat diagonal diff digitize dist divide divide_no_nan dot
        dot_product_attention dsplit dstack dtype eig eigh einsum elu empty empty_like equal erf
        erfc erfinv exp exp2 expand_dims expm1 exponential export extract_sequences eye f1_score
        fabs fft fft2 fill flip fliplr flipud floor floor_divide fmax fmin fmod fold fori_loop
        from_dlpack frombuffer full full_like fx gcd gelu geomspace ger get_item glu greater
        greater_equal hamming hanning hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
        heaviside histogram hsplit hstack hub hypot i0 identity ifft2 imag image.affine_transform
        image.crop_images image.elastic_transform image.extract_patches image.extract_patches_3d
        image.gaussian_blur image.hsv_to_rgb image.map_coordinates image.pad_images
        image.perspective_transform image.resize image.rgb_to_grayscale image.rgb_to_hsv
        image.scale_and_translate image.sobel_edges image.ssim in_top_k index_add index_put inner
        inv irfft is_floating_point is_grad_enabled is_tensor isclose isfinite isin isinf isnan
        isneginf isposinf isreal istft jvp kaiser kron kthvalue layer_normalization lcm ldexp
        leaky_relu left_shift lerp less less_equal linear linspace log log10 log1p log2 log_sigmoid
        log_softmax logaddexp logaddexp2 logdet logical_and logical_not logical_or logical_xor
        logspace logsumexp lstsq lu lu_factor make_blobs make_classification make_moons
        make_pipeline manual_seed map masked_fill masked_scatter matmul matrix_exp matrix_rank max
        max_pool maximum mean mean_absolute_error mean_squared_error median meshgrid min minimum
        mish mod mode moments moveaxis multi_hot multinomial multiply multiprocessing mv nan_to_num
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile
        nanprod nanquantile nanstd nansum nanvar narrow ndim negative nextafter nonzero norm
        normalize not_equal one_hot ones ones_like onnx outer pad pca_lowrank percentile pinv
        pinverse poisson polar power precision_score prod profiler promote_types psnr ptp qr
        quantile quantization r2_score rad2deg randperm ravel real rearrange recall_score reciprocal
        relu relu6 renorm repeat reshape result_type rfft right_shift rms_normalization
        roc_auc_score roc_curve roll rot90 round rsqrt saturate_cast scan scatter scatter_reduce
        scatter_update script searchsorted segment_max segment_min segment_prod segment_sum select
        selu separable_conv sgn shape shuffle sigmoid sign signbit silu sin sinc sinh size slice
        slice_update slogdet soft_shrink softmax softplus softsign solve solve_triangular sort
        space_to_depth sparse_categorical_crossentropy sparse_coo_tensor sparse_plus sparse_sigmoid
        sparsemax special split sqrt square squareplus squeeze stack std stft stop_gradient subtract
        sum svd swapaxes swish switch sym_int take take_along_axis tan tanh tanh_shrink tensor_split
        tensordot threshold tile top_k trace train_test_split transpose trapezoid trapz tri
        triangular_solve tril tril_indices triu triu_indices true_divide trunc unfold unique
        unravel_index unstack utils vander var vdot vectorize vectorized_map view view_as_complex
        view_as_real vmap vsplit vstack where while_loop zeros zeros_like
    """,
}
