package io.steward.vaultproxy.repository;

import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneFailure.Reason;
import io.steward.vaultproxy.clone.CloneJob;
import io.steward.vaultproxy.clone.CloneJob.Target;
import io.steward.vaultproxy.clone.CloneProgram;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Clones in a Java process of its own: what a foreign server sends can fill that process's heap or
/// keep it busy, and then that process ends. It is given one token and an empty environment; the
/// service's keys are not in it.
public final class ProcessCloner implements Cloner {
  /// A class of each jar the program needs.
  private static final List<String> NEEDED =
      List.of(
          "io.steward.vaultproxy.clone.CloneProgram",
          "org.eclipse.jgit.lib.Constants",
          "com.googlecode.javaewah.BitmapStorage",
          "org.slf4j.Logger",
          "org.apache.commons.codec.BinaryEncoder",
          "org.apache.commons.compress.archivers.ArchiveEntry",
          "org.apache.commons.io.file.PathFilter",
          "org.apache.commons.lang3.function.Suppliers");

  private final Settings settings;
  private final String classPath;

  /// @param directory for the clones that run, and nothing else
  /// @param authority see [CloneJob]
  /// @param timeMax of one clone, from start to end
  /// @param heapMegabytesMax of one clone's process
  public record Settings(
      Path directory,
      @Nullable Path authority,
      CloneJob.Limits limits,
      Duration timeMax,
      int heapMegabytesMax) {}

  /// Removes what clones of an earlier process left behind.
  ///
  /// @throws IOException when the directory cannot be written
  public ProcessCloner(Settings settings) throws IOException {
    this.settings = settings;
    this.classPath = classPath();
    Trees.delete(settings.directory());
    Files.createDirectories(settings.directory());
  }

  @Override
  public InputStream clone(String url, byte @Nullable [] token, Target target) throws IOException {
    Path directory = Files.createTempDirectory(settings.directory(), "clone-");
    try {
      Process process = start(directory);
      RunningClone running = new RunningClone(process, directory, settings);
      try {
        // Not closed before the clone ends: it is the process's life line.
        DataOutputStream job = new DataOutputStream(process.getOutputStream());
        new CloneJob(url, token, target, settings.authority(), directory, settings.limits())
            .writeTo(job);
        job.flush();
        return running;
      } catch (IOException e) {
        running.close();
        throw e;
      }
    } catch (IOException e) {
      Trees.delete(directory);
      throw e;
    }
  }

  private Process start(Path directory) throws IOException {
    Path home = Files.createDirectories(settings.directory().resolve("home")).toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-Xshare:auto",
            "-Xmx" + settings.heapMegabytesMax() + "m",
            "-Dfile.encoding=UTF-8",
            "-Dsun.jnu.encoding=UTF-8",
            "-Djava.net.preferIPv4Stack=" + System.getProperty("java.net.preferIPv4Stack", "false"),
            "-Djava.io.tmpdir=" + directory.toAbsolutePath(),
            "-Duser.home=" + home,
            "-cp",
            classPath,
            CloneProgram.class.getName());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("HOME", home.toString());
    environment.put("XDG_CONFIG_HOME", home.toString());
    environment.put("PATH", home.toString()); // There is nothing to run.
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    return builder.directory(directory.toFile()).redirectError(Redirect.DISCARD).start();
  }

  /// The jars the program needs, wherever this process has them from.
  private static String classPath() {
    Set<String> places = new LinkedHashSet<>();
    for (String name : NEEDED) {
      try {
        CodeSource source =
            Class.forName(name, false, ProcessCloner.class.getClassLoader())
                .getProtectionDomain()
                .getCodeSource();
        places.add(Path.of(source.getLocation().toURI()).toAbsolutePath().toString());
      } catch (ClassNotFoundException | URISyntaxException e) {
        throw new IllegalStateException("The program that clones lacks " + name + ".", e);
      }
    }
    return String.join(File.pathSeparator, places);
  }

  /// The standard output of the process, with its end as the verdict.
  private static final class RunningClone extends InputStream {
    private static final int OUT_OF_MEMORY = 3;
    private static final Duration EXIT_MAX = Duration.ofSeconds(10);

    private final Process process;
    private final Path directory;
    private final Settings settings;
    private volatile boolean late;

    RunningClone(Process process, Path directory, Settings settings) {
      this.process = process;
      this.directory = directory;
      this.settings = settings;
      var _ = Thread.ofVirtual().name("clone-time").start(this::endInTime);
    }

    private void endInTime() {
      try {
        if (!process.waitFor(settings.timeMax())) {
          late = true;
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count;
      try {
        count = process.getInputStream().read(bytes, from, length);
      } catch (IOException e) {
        count = -1; // Ended from outside; its exit code says how.
      }
      if (count < 0) {
        requireSuccess();
      }
      return count;
    }

    private void requireSuccess() throws IOException {
      try {
        if (!process.waitFor(EXIT_MAX)) {
          process.destroyForcibly();
          throw new CloneFailure(Reason.CLONE, "The clone did not end.");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      int exit = process.exitValue();
      if (exit != 0) {
        throw failure(exit);
      }
    }

    private CloneFailure failure(int exit) throws IOException {
      if (late) {
        return new CloneFailure(
            Reason.CLONE,
            "Cloning took longer than the limit of "
                + settings.timeMax().toSeconds()
                + " seconds.");
      }
      if (exit == OUT_OF_MEMORY) {
        return new CloneFailure(
            Reason.CLONE,
            "Cloning needs more memory than the limit of " + settings.heapMegabytesMax() + " MB.");
      }
      Path file = directory.resolve(CloneProgram.FAILURE_FILE);
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      return lines.size() < 2
          ? new CloneFailure(Reason.CLONE, "Cloning ended with code " + exit + ".")
          : new CloneFailure(Reason.valueOf(lines.getFirst()), lines.get(1));
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      try {
        var _ = process.waitFor(EXIT_MAX);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Trees.delete(directory);
    }
  }
}
