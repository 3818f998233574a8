package io.steward.sandbox.shim;

import java.io.IOException;
import java.util.Map;

/// Hands the input of calls to the inside. Safe from any thread.
public interface CallInputs {
  /// Shows files to the shim before it hears of the call.
  ///
  /// @param files name to content; names are small ASCII letters
  void put(String call, Map<String, byte[]> files) throws IOException;

  /// Takes the input of a call away, which may never have been there.
  void remove(String call);
}
