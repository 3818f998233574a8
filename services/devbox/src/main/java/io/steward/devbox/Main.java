package io.steward.devbox;

import io.steward.devbox.program.Installation;
import io.steward.devbox.program.Jvm;
import io.steward.devbox.program.Logging;
import io.steward.devbox.settings.Settings;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.tail.EventTail;
import io.steward.devbox.tail.TailArguments;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// The main class of `./steward`: `dev`, `prepare` (what a start needs beside the jars: unpacked
/// PostgreSQL, AOT caches), `status`, `tail`, `reproject` and `rotate-vault-key`. A refusal is one
/// sentence on the standard error and exit code 1.
public final class Main {
  private static final Duration SERVICES_STOP_MAX = Duration.ofMillis(4_500);
  private static final Duration STORES_STOP_MAX = Duration.ofSeconds(2);

  private static final Duration KEY_ROTATION_MAX = Duration.ofMinutes(5);

  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private Main() {}

  /// @param args one word: `dev`, `prepare`, `status`, `reproject` or `rotate-vault-key`; or `tail`
  ///   and what it is to show
  public static void main(String[] args) {
    Logging.warningsOnly();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try {
      System.exit(run(args.length == 0 ? List.of("dev") : List.of(args), out));
    } catch (StartRefused e) {
      System.err.println(e.getMessage());
      System.exit(1);
    } catch (IOException e) {
      System.err.println("Steward cannot start: " + e + ".");
      System.exit(1);
    } catch (InterruptedException e) {
      // The shutdown hook stops everything; this thread was only waiting.
      Thread.currentThread().interrupt();
    }
  }

  private static int run(List<String> words, PrintStream out)
      throws StartRefused, IOException, InterruptedException {
    String command = words.getFirst();
    Settings settings = Settings.of(System.getenv(), Path.of("").toAbsolutePath());
    return switch (command) {
      case "dev" -> dev(settings, out);
      case "prepare" -> new Preparation(Installation.ofThisProcess(), out).run();
      case "status" -> new Status(settings.dataDirectory()).print(out);
      case "reproject" ->
          new Reprojection(settings.dataDirectory(), Installation.ofThisProcess()).run(out);
      case "rotate-vault-key" ->
          new VaultKeyRotation(settings.dataDirectory(), KEY_ROTATION_MAX).run(out);
      case "tail" -> tail(words.subList(1, words.size()), settings, out);
      default -> throw new StartRefused("There is no command " + command + "; see ./steward help.");
    };
  }

  private static int tail(List<String> words, Settings settings, PrintStream out)
      throws StartRefused {
    Logging.nothing();
    String named = System.getenv("KAFKA_BOOTSTRAP_SERVERS");
    String noColour = System.getenv("NO_COLOR");
    return new EventTail(
            named == null || named.isBlank() ? "127.0.0.1:" + settings.kafkaPort() : named.strip(),
            TailArguments.parse(words),
            "1".equals(System.getenv("STEWARD_TERMINAL"))
                && (noColour == null || noColour.isEmpty()))
        .run(out);
  }

  private static int dev(Settings settings, PrintStream out)
      throws StartRefused, IOException, InterruptedException {
    Installation installation = Installation.ofThisProcess();
    Tools.require(settings, System.getenv());
    out.println("Steward is starting (data in " + settings.dataDirectory() + ") ...");
    Devbox devbox = Devbox.open(settings, installation, Jvm.AotUse.READ, out);
    Thread starter = Thread.currentThread();
    AtomicBoolean refused = new AtomicBoolean();
    Thread hook =
        Thread.ofPlatform()
            .unstarted(() -> {
              starter.interrupt();
              stop(devbox, refused.get() ? NOWHERE : out);
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      devbox.start();
    } catch (StartRefused | IOException e) {
      refused.set(true); // The reason is all that is said.
      throw e;
    }
    out.println(Announcement.of(settings, devbox.apiKey(), devbox.isDemo()));
    while (true) {
      Thread.sleep(Duration.ofDays(1));
    }
  }

  private static void stop(Devbox devbox, PrintStream out) {
    out.println("Steward is stopping ...");
    devbox.stop(SERVICES_STOP_MAX, STORES_STOP_MAX);
    try {
      devbox.close();
    } catch (IOException e) {
      out.println("The data directory could not be closed: " + e.getMessage());
    }
    out.println("Steward has stopped.");
  }
}
