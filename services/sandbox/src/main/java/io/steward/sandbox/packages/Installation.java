package io.steward.sandbox.packages;

import io.steward.sandbox.driver.PackageTree;
import io.steward.sandbox.driver.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Installs the packages of one environment into a new place: manager after manager, under limits
/// of time and disk. What an apt package brings is there for the managers after it.
final class Installation {
  /// The phase after apt in which maintainer scripts run.
  static final String SCRIPTS = "scripts";

  private static final Logger LOG = Logger.getLogger(Installation.class);
  private static final int NOT_INSTALLED = 127;
  private static final Duration MEASURE_PAUSE = Duration.ofSeconds(1);
  private static final Duration OUTPUT_WAIT_MAX = Duration.ofSeconds(2);
  private static final int NAMES_MAX = 10;

  private final Workbench workbench;
  private final OperatorSettings settings;
  private final PackageLimits limits;
  private final Workbench.Place place;
  private final long deadlineNanos;

  Installation(
      Workbench workbench, OperatorSettings settings, PackageLimits limits, Workbench.Place place) {
    this.workbench = workbench;
    this.settings = settings;
    this.limits = limits;
    this.place = place;
    this.deadlineNanos = System.nanoTime() + limits.timeout().toNanos();
  }

  /// The script that knows how to call the managers.
  static byte[] script() {
    try (InputStream in = Installation.class.getResourceAsStream("install")) {
      if (in == null) {
        throw new IllegalStateException("the script install is not in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws InstallFailedException when a manager fails or a limit is reached
  /// @throws IOException when the machine refuses what the workbench needs
  void install(PackageList list) throws InstallFailedException, IOException {
    workbench.layOut(place);
    for (var entry : list.items().entrySet()) {
      Installer manager = entry.getKey();
      run(manager.word(), entry.getValue());
      requireOrder();
      if (manager == Installer.APT && workbench.runsScripts() && place.hasScripts()) {
        runScripts();
        requireOrder();
      }
    }
  }

  /// Every phase runs code of strangers, which can write what the phases before left. When one is
  /// over, nothing of it runs any more.
  private void requireOrder() throws InstallFailedException, IOException {
    Optional<String> trouble = new PackageTree(place.packages()).trouble();
    if (trouble.isPresent()) {
      throw new InstallFailedException(trouble.get());
    }
  }

  /// Scripts of apt packages expect a whole system, so some may fail; their files are there.
  private void runScripts() throws InstallFailedException, IOException {
    OutputTail output = new OutputTail();
    int code = execute(SCRIPTS, List.of(), output);
    if (code != 0) {
      LOG.infof("maintainer scripts ended with code %d: %s", code, output.text(settings::redact));
    }
  }

  private void run(String phase, List<String> items) throws InstallFailedException, IOException {
    OutputTail output = new OutputTail();
    int code = execute(phase, items, output);
    if (code == NOT_INSTALLED) {
      throw new InstallFailedException(output.text(settings::redact));
    }
    if (code != 0) {
      throw new InstallFailedException(
          "%s could not install %s: it ended with code %d. The end of its output:%n%s"
              .formatted(phase, names(items), code, output.text(settings::redact)));
    }
  }

  /// The exit code of a phase.
  ///
  /// @throws InstallFailedException when a limit is reached
  private int execute(String phase, List<String> items, OutputTail output)
      throws InstallFailedException, IOException {
    try (Workbench.Running running = workbench.start(place, phase, items)) {
      running.process().getOutputStream().close();
      Thread reader = Thread.ofVirtual().start(() -> read(running.process(), output));
      int code = await(running.process(), phase, items);
      reader.join(OUTPUT_WAIT_MAX);
      return code;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while installing packages", e);
    }
  }

  private int await(Process process, String phase, List<String> items)
      throws InterruptedException, InstallFailedException {
    while (!process.waitFor(MEASURE_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new InstallFailedException(
            "%s could not install %s: all packages together took more than %d s, the most that is allowed."
                .formatted(phase, names(items), limits.timeout().toSeconds()));
      }
      requireDisk(phase, items);
    }
    requireDisk(phase, items);
    return process.exitValue();
  }

  private void requireDisk(String phase, List<String> items) throws InstallFailedException {
    long bytes = bytes(place.directory());
    if (bytes > limits.bytesMax()) {
      throw new InstallFailedException(
          "%s could not install %s: the packages take more than %d bytes on disk, the most that is allowed."
              .formatted(phase, names(items), limits.bytesMax()));
    }
  }

  /// Bytes on disk of all below `directory`; 0 when they cannot be counted.
  static long bytes(Path directory) {
    try {
      Trees.Usage usage = Trees.usage(List.of(directory)).get(directory);
      return usage == null ? 0 : usage.bytes();
    } catch (IOException e) {
      LOG.debugf("disk usage could not be measured: %s", e);
      return 0;
    }
  }

  private static void read(Process process, OutputTail output) {
    try (InputStream in = process.getInputStream()) {
      output.read(in);
    } catch (IOException e) {
      LOG.debugf("output of an installer ended early: %s", e);
    }
  }

  private static String names(List<String> items) {
    String names = String.join(", ", items.subList(0, Math.min(NAMES_MAX, items.size())));
    return items.size() <= NAMES_MAX
        ? names
        : String.format(Locale.ROOT, "%s and %d more", names, items.size() - NAMES_MAX);
  }
}
