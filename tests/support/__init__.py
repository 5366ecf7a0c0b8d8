"""What the tests share: the TensorFlow.js oracle, the leak check, the watchdog."""
