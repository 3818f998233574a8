package io.steward.devbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.settings.VaultKeyFile;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// `./steward vault rotate-key`: gives vault-proxy a fresh key-encryption key while it runs. The
/// fresh key comes first in the file; vault-proxy reads the file again, encrypts everything with it
/// and reports that; then the older key goes. When the command is cut off, both keys stay, and the
/// next one goes on.
final class VaultKeyRotation {
  private static final Duration LOOK_PAUSE = Duration.ofMillis(200);

  /// What vault-proxy writes into its directory.
  private static final String REPORT = "key-rotation.json";

  private final Path dataDirectory;
  private final Duration patience;

  /// @param patience for each of the two changes of the file
  VaultKeyRotation(Path dataDirectory, Duration patience) {
    this.dataDirectory = dataDirectory;
    this.patience = patience;
  }

  /// Exchanges the key and says so.
  ///
  /// @return the exit code
  /// @throws StartRefused when that cannot be done, or is not done in time
  int run(PrintStream out) throws StartRefused {
    if (!new Status(dataDirectory).isRunning()) {
      throw new StartRefused(
          "Steward is not running on "
              + dataDirectory
              + "; the key is exchanged while it runs, so start it first.");
    }
    Path file = dataDirectory.resolve(DataDirectory.VAULT_KEY);
    try (VaultKeyFile keys = VaultKeyFile.hold(file)) {
      if (keys.hasOlderKeys()) {
        out.println("An earlier exchange of the key was cut off; going on with it.");
      } else {
        keys.addKey();
        out.println("A fresh key is in " + file + ".");
      }
      awaitUse(keys, out);
      keys.removeOlderKeys();
      awaitUse(keys, out);
      out.println("Everything is encrypted with the fresh key, and the older one is removed.");
      return 0;
    } catch (IOException e) {
      throw new StartRefused("The key in " + file + " cannot be exchanged: " + e + ".", e);
    }
  }

  /// Waits until vault-proxy uses the file as it is now, and its first key for everything.
  private void awaitUse(VaultKeyFile keys, PrintStream out) throws StartRefused, IOException {
    String expected = keys.sha256();
    long giveUpNanos = System.nanoTime() + patience.toNanos();
    String said = "";
    while (true) {
      JsonNode report = report();
      boolean inUse = report.path("file_sha256").asText().equals(expected);
      long old = report.path("old").asLong();
      String problem = report.path("problem").asText("");
      if (inUse && old == 0 && problem.isEmpty()) {
        return;
      }
      String state =
          inUse && problem.isEmpty()
              ? old + " keys are still encrypted with the older one."
              : problem;
      if (System.nanoTime() > giveUpNanos) {
        throw new StartRefused(
            "vault-proxy does not use the fresh key for everything after "
                + patience.toSeconds()
                + " s, so no key was removed; run the command again to go on. "
                + (state.isEmpty() ? "It did not read the file again." : state));
      }
      if (!state.isEmpty() && !state.equals(said)) {
        out.println(state);
        said = state;
      }
      LockSupport.parkNanos(LOOK_PAUSE.toNanos());
    }
  }

  private JsonNode report() {
    try {
      return Json.tree(Files.readAllBytes(dataDirectory.resolve("vault").resolve(REPORT)));
    } catch (IOException | UncheckedIOException e) {
      return MissingNode.getInstance(); // It comes when vault-proxy has started.
    }
  }
}
