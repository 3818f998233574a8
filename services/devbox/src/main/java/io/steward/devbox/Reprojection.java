package io.steward.devbox;

import io.steward.devbox.postgres.PostgresArchive;
import io.steward.devbox.postgres.PostgresCluster;
import io.steward.devbox.program.Installation;
import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.StartRefused;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/// `./steward reproject`: has everything that is made from the log made again at the next start.
/// session-log is told what is wanted, and empties its tables itself; what agent-config knows of
/// sessions is emptied here. It may be cut off and come twice. The same statements do it in a
/// cluster.
final class Reprojection {
  private static final List<String> STATEMENTS =
      List.of(
          "UPDATE session_log.projection_source SET wanted = generation + 1;",
          "TRUNCATE agent_config.session_environment, agent_config.consumer_position;");

  private final Path dataDirectory;
  private final Installation installation;

  Reprojection(Path dataDirectory, Installation installation) {
    this.dataDirectory = dataDirectory;
    this.installation = installation;
  }

  /// Does it and says so.
  ///
  /// @return the exit code
  /// @throws StartRefused when Steward runs, or has no database yet
  int run(PrintStream out) throws StartRefused, IOException, InterruptedException {
    if (new Status(dataDirectory).isRunning()) {
      throw new StartRefused(
          "Steward runs on " + dataDirectory + "; stop it, then run ./steward reproject again.");
    }
    try (DataDirectory data = DataDirectory.open(dataDirectory)) {
      PostgresArchive.unpack(installation.postgres());
      PostgresCluster cluster =
          new PostgresCluster(
              installation.postgres(), data.root(), data.path("postgres-password"), 0);
      if (!cluster.exists()) {
        throw new StartRefused(
            "There is no database in " + data.root() + ", so there is nothing to make again.");
      }
      cluster.execute(STATEMENTS);
    }
    out.println("The projection is made again from the log at the next start: ./steward dev");
    return 0;
  }
}
