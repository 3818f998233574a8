package io.steward.devbox.postgres;

import io.steward.devbox.settings.StartRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// PostgreSQL refuses to run as root. Root therefore runs it in a user namespace in which it has
/// another number: the files stay root's, and nothing has to be readable for others.
final class PostgresUser {
  // The number of `nobody`: initdb wants one that has a name.
  private static final List<String> NAMESPACE =
      List.of("unshare", "--user", "--map-user=65534", "--map-group=65534");

  private PostgresUser() {}

  /// The command prefix that makes the user acceptable; empty when it is.
  static List<String> prefix() throws IOException, InterruptedException, StartRefused {
    if (!isRoot()) {
      return List.of();
    }
    List<String> trial = new ArrayList<>(NAMESPACE);
    trial.add("true");
    Process attempt;
    try {
      attempt =
          new ProcessBuilder(trial)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new StartRefused(
          "PostgreSQL does not run as root and the tool unshare (package util-linux) is missing;"
              + " install it, or start Steward as an ordinary user.",
          e);
    }
    if (attempt.waitFor(5, TimeUnit.SECONDS) && attempt.exitValue() == 0) {
      return NAMESPACE;
    }
    attempt.destroyForcibly();
    throw new StartRefused(
        "PostgreSQL does not run as root and this machine does not allow user namespaces;"
            + " start Steward as an ordinary user.");
  }

  private static boolean isRoot() throws IOException, InterruptedException {
    Process id = new ProcessBuilder("id", "-u").start();
    String uid = new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    id.waitFor();
    return uid.strip().equals("0");
  }
}
