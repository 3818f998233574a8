package io.steward.sandbox.shim;

/// Takes the output of one command as it comes, from one thread.
public interface OutputSink {
  /// Takes `length` bytes of `bytes`, which is reused after the call.
  void write(byte[] bytes, int offset, int length);
}
