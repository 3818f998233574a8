package io.steward.schemas.sandbox;

import java.util.ArrayList;
import java.util.List;

/// Results of calls that were too long for the model, whole, as files a sandbox shows: the newest
/// [#FILES_MAX] that together have at most [#BYTES_MAX] bytes.
///
/// @param files oldest first
public record KeptOutputs(List<SandboxMount.FileMount> files) {
  public static final KeptOutputs NONE = new KeptOutputs(List.of());
  public static final int FILES_MAX = 32;
  public static final long BYTES_MAX = 64L * 1024 * 1024;

  private static final String DIRECTORY = "/mnt/session/uploads/tool-results/";

  public KeptOutputs {
    files = List.copyOf(files);
  }

  /// Where a sandbox shows the result of that call.
  public static String path(String toolUseId) {
    return DIRECTORY + toolUseId + ".txt";
  }

  /// These and one more; the oldest give way.
  ///
  /// @param blobKey of the text, UTF-8
  public KeptOutputs plus(String toolUseId, String blobKey, long sizeBytes) {
    List<SandboxMount.FileMount> all = new ArrayList<>(files);
    all.add(new SandboxMount.FileMount(path(toolUseId), blobKey, sizeBytes));
    long bytes = all.stream().mapToLong(SandboxMount.FileMount::sizeBytes).sum();
    while (all.size() > 1 && (all.size() > FILES_MAX || bytes > BYTES_MAX)) {
      bytes -= all.removeFirst().sizeBytes();
    }
    return new KeptOutputs(all);
  }
}
