package io.steward.sandbox.kubernetes;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the main process of a pod is. It outlives every connection, and the pod ends with it.
///
/// @param environment of it and of everything else that is started in the pod
record PodProgram(List<String> command, Map<String, String> environment) {
  /// Only is there, and takes in children that lost their parent.
  static final PodProgram IDLE =
      new PodProgram(
          List.of(
              "bash",
              "--noprofile",
              "--norc",
              "-c",
              "trap 'exit 0' TERM; while :; do sleep infinity & wait $!; done"),
          Map.of());

  PodProgram {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /// In the order of their names, so that equal programs make equal pods.
  Map<String, String> sorted() {
    return new TreeMap<>(environment);
  }
}
