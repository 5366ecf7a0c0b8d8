"""Names looked for in the namespaces of tf."""

# ruff: noqa: E501 - one line an answer

from __future__ import annotations

__all__ = ["TABLES"]

TABLES = {
    "options": """
        nesterov = useNesterov
        rho = decay
        betas = beta1
        eps = epsilon
        momentum = tf.train.momentum and tf.train.rmsprop take it
        weight_decay = tf.train.adamw and tf.train.lion take it, as weightDecay
        weightDecay = tf.train.adamw and tf.train.lion take it
        max_grad_norm = globalClipNorm
        out_features = units
        in_features = inputShape
        hidden_size = units
        num_units = units
        n_units = units
        output_dim = units | outputDim
        input_size = inputShape
        in_shape = inputShape
        out_channels = filters
        num_filters = filters
        nb_filter = filters
        in_channels = inputShape
        kernel = kernelSize
        filter_size = kernelSize
        ksize = kernelSize | poolSize
        stride = strides
        dilation = dilationRate
        dilations = dilationRate
        bias = useBias
        p = rate
        keep_prob = rate
        negative_slope = alpha
        num_embeddings = inputDim
        vocab_size = inputDim
        embedding_dim = outputDim
        return_seq = returnSequences
        eps_norm = epsilon
        nb_epoch = epochs
        num_epochs = epochs
        n_epochs = epochs
        batch = batchSize
        bs = batchSize
        val_data = validationData
        val_split = validationSplit
        validation = validationData
        criterion = loss
        optim = optimizer
        metric = metrics
        init = kernelInitializer
        weights_init = kernelInitializer
        act = activation
        nonlinearity = activation
        regularizer = kernelRegularizer
        dim = axis
        axes = axis
        from_logits = losses by name take probabilities: end the model with an activation, or give a function of tf.losses
        jit_compile = fit() and predict() compile the model by themselves
        run_eagerly = runEagerly
        workers = data are given whole or by fitDataset
        use_multiprocessing = tf.setNumThreads sets how many threads compute
        device = there is one device, the CPU
    """,
    "tf.layers": """
        Linear = dense
        fullyConnected = dense
        FullyConnected = dense
        Conv1D = conv1d
        Conv1d = conv1d
        Conv2D = conv2d
        Conv2d = conv2d
        Convolution2D = conv2d
        Conv3D = conv3d
        Conv3d = conv3d
        ConvTranspose2d = conv2dTranspose
        Conv2DTranspose = conv2dTranspose
        Deconvolution2D = conv2dTranspose
        SeparableConv2D = separableConv2d
        DepthwiseConv2D = depthwiseConv2d
        ConvLSTM2D = convLstm2d
        MaxPool2D = maxPooling2d
        MaxPool2d = maxPooling2d
        MaxPooling2D = maxPooling2d
        MaxPool1D = maxPooling1d
        AveragePooling2D = averagePooling2d
        AvgPool2D = averagePooling2d
        AvgPool2d = averagePooling2d
        GlobalAvgPool2D = globalAveragePooling2d
        GlobalAveragePooling2D = globalAveragePooling2d
        GlobalMaxPool2D = globalMaxPooling2d
        AdaptiveAvgPool2d = globalAveragePooling2d
        BatchNorm = batchNormalization
        BatchNorm1d = batchNormalization
        BatchNorm2d = batchNormalization
        LayerNorm = layerNormalization
        LSTM = lstm
        GRU = gru
        SimpleRNN = simpleRNN
        LSTMCell = lstmCell
        GRUCell = gruCell
        Bidirectional = bidirectional
        ReLU = reLU
        LeakyReLU = leakyReLU
        PReLU = prelu
        ELU = elu
        Upsample = upSampling2d
        UpSampling2D = upSampling2d
        ZeroPadding2D = zeroPadding2d
        ZeroPad2d = zeroPadding2d
        Cropping2D = cropping2D
        InputLayer = inputLayer
        Input = tf.input
        Concat = concatenate
        Cat = concatenate
        Merge = concatenate
        Lambda = a layer of one's own does it: class Double(tf.layers.Layer) with call(inputs, kwargs), see tf.serialization.registerClass
        Sigmoid = activation
        Tanh = activation
        Unflatten = reshape
        View = reshape
        Identity = a linear activation does it: tf.layers.activation(activation="linear")
        Dropout2d = spatialDropout1d | dropout
        Sequential = tf.sequential
    """,
    "tf.train": """
        SGD = sgd
        GradientDescentOptimizer = sgd
        gradientDescent = sgd
        Momentum = momentum
        MomentumOptimizer = momentum
        Adagrad = adagrad
        AdagradOptimizer = adagrad
        Adadelta = adadelta
        AdadeltaOptimizer = adadelta
        Adam = adam
        AdamOptimizer = adam
        AdamW = adamw
        Adamax = adamax
        Nadam = nadam
        NAdam = nadam
        Lion = lion
        RMSprop = rmsprop
        RMSProp = rmsprop
        RMSPropOptimizer = rmsprop
        Ftrl = adagrad
        ExponentialDecay = tf.train.schedules.exponentialDecay
        exponentialDecay = tf.train.schedules.exponentialDecay
        exponential_decay = tf.train.schedules.exponentialDecay
        cosineDecay = tf.train.schedules.cosineDecay
        cosine_decay = tf.train.schedules.cosineDecay
        piecewise_constant = tf.train.schedules.piecewiseConstantDecay
        lr_scheduler = tf.train.schedules
        Checkpoint = a model's method: model.save(path, {"includeOptimizer": True})
        Saver = a model's method: model.save(path, {"includeOptimizer": True})
    """,
    "tf.train.schedules": """
        StepLR = exponentialDecay
        ExponentialLR = exponentialDecay
        CosineAnnealingLR = cosineDecay
        CosineAnnealingWarmRestarts = cosineDecayRestarts
        MultiStepLR = piecewiseConstantDecay
        PiecewiseConstant = piecewiseConstantDecay
        piecewise_constant = piecewiseConstantDecay
        LinearLR = warmUp
        LinearWarmup = warmUp
        PolynomialLR = polynomialDecay
        CosineRestarts = cosineDecayRestarts
    """,
    "tf.initializers": """
        lecun_normal = leCunNormal
        LecunNormal = leCunNormal
        lecun_uniform = leCunUniform
        LecunUniform = leCunUniform
        xavier = glorotNormal
        xavier_normal = glorotNormal
        xavier_uniform = glorotUniform
        kaiming_normal = heNormal
        kaiming_uniform = heUniform
        normal = randomNormal
        uniform = randomUniform
        eye = identity
        zero = zeros
        one = ones
        variance_scaling = varianceScaling
    """,
    "tf.regularizers": """
        L1 = l1
        L2 = l2
        l1_l2 = l1l2
        weight_decay = l2
    """,
    "tf.constraints": """
        non_negative = nonNeg
    """,
    "tf.callbacks": """
        ModelCheckpoint = save in onEpochEnd: {"callbacks": {"onEpochEnd": lambda epoch, logs: model.save(path)}}
        LearningRateScheduler = optimizers take schedules: tf.train.sgd(tf.train.schedules.exponentialDecay(0.1, 100, 0.9))
        ReduceLROnPlateau = set it in onEpochEnd: optimizer.setLearningRate(rate)
        TensorBoard = callbacks see the logs of a fit: {"callbacks": {"onEpochEnd": f}}
        CSVLogger = callbacks see the logs of a fit: {"callbacks": {"onEpochEnd": f}}
        TerminateOnNaN = tf.enableDebugMode() names the first value that is not finite
        LambdaCallback = a dict of functions is a callback: {"callbacks": {"onEpochEnd": f}}
        History = fit() gives it: history = model.fit(x, y).result()
        ProgbarLogger = fit() shows it: {"verbose": 1}
    """,
    "tf.losses": """
        MSELoss = meanSquaredError
        mse = meanSquaredError
        mae = absoluteDifference
        L1Loss = absoluteDifference
        Huber = huberLoss
        huber = huberLoss
        BCEWithLogitsLoss = sigmoidCrossEntropy
        BCELoss = logLoss
        log_loss = logLoss
        CrossEntropyLoss = softmaxCrossEntropy
        cosine_similarity = compile takes it by name: {"loss": "cosineProximity"}; the function of tensors is tf.losses.cosineDistance
        CosineSimilarity = compile takes it by name: {"loss": "cosineProximity"}; the function of tensors is tf.losses.cosineDistance
        NLLLoss = softmaxCrossEntropy
        MSE = meanSquaredError
        MAE = absoluteDifference
        Loss = a loss of yours is a function f(yTrue, yPred): {"loss": f}
        BinaryCrossentropy = compile takes it by name: {"loss": "binaryCrossentropy"}; the function of tensors is tf.losses.sigmoidCrossEntropy
        CategoricalCrossentropy = compile takes it by name: {"loss": "categoricalCrossentropy"}; the function of tensors is tf.losses.softmaxCrossEntropy
        SparseCategoricalCrossentropy = compile takes it by name: {"loss": "sparseCategoricalCrossentropy"}
        CategoricalHinge = compile takes it by name: {"loss": "categoricalHinge"}
        Hinge = compile takes it by name: {"loss": "hinge"}; the function of tensors is tf.losses.hingeLoss
        SquaredHinge = compile takes it by name: {"loss": "squaredHinge"}
        KLDivergence = compile takes it by name: {"loss": "kullbackLeiblerDivergence"}
        LogCosh = compile takes it by name: {"loss": "logcosh"}
        MeanAbsoluteError = compile takes it by name: {"loss": "meanAbsoluteError"}; the function of tensors is tf.losses.absoluteDifference
        MeanAbsolutePercentageError = compile takes it by name: {"loss": "meanAbsolutePercentageError"}
        MeanSquaredError = compile takes it by name: {"loss": "meanSquaredError"}; the function of tensors is tf.losses.meanSquaredError
        MeanSquaredLogarithmicError = compile takes it by name: {"loss": "meanSquaredLogarithmicError"}
        Poisson = compile takes it by name: {"loss": "poisson"}
        KLDivLoss = compile takes it by name: {"loss": "kullbackLeiblerDivergence"}
        binary_crossentropy = compile takes it by name: {"loss": "binaryCrossentropy"}; the function of tensors is tf.losses.sigmoidCrossEntropy
        categorical_crossentropy = compile takes it by name: {"loss": "categoricalCrossentropy"}; the function of tensors is tf.losses.softmaxCrossEntropy
        sparse_categorical_crossentropy = compile takes it by name: {"loss": "sparseCategoricalCrossentropy"}
        categorical_hinge = compile takes it by name: {"loss": "categoricalHinge"}
        hinge = compile takes it by name: {"loss": "hinge"}; the function of tensors is tf.losses.hingeLoss
        squared_hinge = compile takes it by name: {"loss": "squaredHinge"}
        kl_divergence = compile takes it by name: {"loss": "kullbackLeiblerDivergence"}
        log_cosh = compile takes it by name: {"loss": "logcosh"}
        mean_absolute_error = compile takes it by name: {"loss": "meanAbsoluteError"}; the function of tensors is tf.losses.absoluteDifference
        mean_absolute_percentage_error = compile takes it by name: {"loss": "meanAbsolutePercentageError"}
        mean_squared_error = compile takes it by name: {"loss": "meanSquaredError"}; the function of tensors is tf.losses.meanSquaredError
        mean_squared_logarithmic_error = compile takes it by name: {"loss": "meanSquaredLogarithmicError"}
        poisson = compile takes it by name: {"loss": "poisson"}
        mape = compile takes it by name: {"loss": "meanAbsolutePercentageError"}
        MAPE = compile takes it by name: {"loss": "meanAbsolutePercentageError"}
        msle = compile takes it by name: {"loss": "meanSquaredLogarithmicError"}
        MSLE = compile takes it by name: {"loss": "meanSquaredLogarithmicError"}
        KLD = compile takes it by name: {"loss": "kullbackLeiblerDivergence"}
        kld = compile takes it by name: {"loss": "kullbackLeiblerDivergence"}
    """,
    "tf.metrics": """
        Accuracy = compile takes it by name: {"metrics": ["accuracy"]}
        accuracy = compile takes it by name: {"metrics": ["accuracy"]}
        MeanSquaredError = meanSquaredError
        MeanAbsoluteError = meanAbsoluteError
        Precision = precision
        Recall = recall
        mean_squared_error = meanSquaredError
        r2_score = r2Score
    """,
    "tf.io": """
        gfile = paths are read by Python itself: open(path)
        read_file = paths are read by Python itself: open(path, "rb").read()
        write_file = paths are written by Python itself: open(path, "wb")
    """,
}
