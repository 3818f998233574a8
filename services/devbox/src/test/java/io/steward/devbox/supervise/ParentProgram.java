package io.steward.devbox.supervise;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A supervisor in a process of its own, for the test that kills it: it keeps one child running
/// that has a child of its own.
final class ParentProgram {
  private ParentProgram() {}

  /// @param args the data directory
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Family family = Family.found(directory, Launch.ofThisMachine(System.getenv()), System.out);
    Supervised child =
        family.add(
            new Program(
                "child",
                List.of(),
                List.of("sh", "-c", "setsid sleep 987 & echo $! > grandchild; sleep 986"),
                Map.of(
                    "PATH",
                    System.getenv("PATH"),
                    family.mark().getKey(),
                    family.mark().getValue()),
                directory,
                Program.StopSignal.TERM));
    while (child.pid().isEmpty() || !Files.exists(directory.resolve("grandchild"))) {
      Thread.sleep(5);
    }
    Files.writeString(directory.resolve("started"), "");
    Thread.sleep(60_000);
  }
}
