package io.steward.devbox.program;

import io.steward.devbox.settings.StartRefused;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the built programs are.
///
/// @param home the root of the repository
/// @param jvmOptions of every JVM, behind our own, so that they win
public record Installation(Path home, List<String> jvmOptions) {
  private static final String JVM_OPTIONS = "STEWARD_JVM_OPTIONS";
  private static final int KAFKA_HEAP_MEGABYTES_MAX = 384;

  /// @throws StartRefused when this process was not started by `./steward`
  public static Installation ofThisProcess() throws StartRefused {
    String home = System.getProperty("steward.home");
    if (home == null) {
      throw new StartRefused("Start Steward with ./steward dev.");
    }
    return new Installation(
        Path.of(home).toAbsolutePath().normalize(), jvmOptions(System.getenv(JVM_OPTIONS)));
  }

  static List<String> jvmOptions(@Nullable String text) throws StartRefused {
    if (text == null || text.isBlank()) {
      return List.of();
    }
    List<String> options = List.of(text.strip().split("\\s+"));
    for (String option : options) {
      if (!option.startsWith("-")) {
        throw new StartRefused(
            JVM_OPTIONS + " holds \"" + option + "\"; options of a JVM begin with a hyphen.");
      }
    }
    return options;
  }

  /// Where the PostgreSQL binaries are unpacked.
  public Path postgres() {
    return target("devbox").resolve("postgres-" + System.getProperty("steward.postgres", "18"));
  }

  /// The AOT cache of the program `name`.
  public Path aotCache(String name) {
    return target(name.equals("kafka") ? "devbox" : name).resolve("aot").resolve(name + ".aot");
  }

  /// Exists when the training has run; its age is the caches' age.
  public Path stamp() {
    return target("devbox").resolve("aot.stamp");
  }

  /// Whether the training has run since the last build of anything.
  public boolean isPrepared() throws IOException {
    if (!Files.exists(stamp())) {
      return false;
    }
    FileTime trained = Files.getLastModifiedTime(stamp());
    List<Path> built = new ArrayList<>(List.of(target("devbox").resolve("devbox.jar")));
    List.of(Service.values()).forEach(service -> built.add(jar(service)));
    for (Path jar : built) {
      if (Files.exists(jar) && Files.getLastModifiedTime(jar).compareTo(trained) > 0) {
        return false;
      }
    }
    return true;
  }

  private Path jar(Service service) {
    return target(service.wireName()).resolve("quarkus-app").resolve("quarkus-run.jar");
  }

  private Path target(String module) {
    return home.resolve("services").resolve(module).resolve("target");
  }

  /// The command of a service. Its jars are put on an ordinary class path instead of being left to
  /// Quarkus' own class loader, because the AOT cache holds only what the JVM's loaders load
  /// (measured on 2 cores: 1.0 s instead of 2.0 s of processor time to a ready service).
  ///
  /// @throws StartRefused when it is not built
  public List<String> command(Service service, Jvm.AotUse aot) throws StartRefused, IOException {
    Path jar = jar(service);
    if (!Files.isReadable(jar)) {
      throw new StartRefused(service.wireName() + " is not built: " + jar + " is missing.");
    }
    return jvm(service.wireName(), service.heapMegabytesMax(), aot)
        .command(
            List.of("-cp", classPath(jar.resolveSibling("")), "io.quarkus.runner.GeneratedMain"));
  }

  private static String classPath(Path application) throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String directory : List.of("quarkus", "app", "lib/boot", "lib/main")) {
      try (Stream<Path> files = Files.list(application.resolve(directory))) {
        // Descending, so that transformed classes come before the generated ones.
        files
            .filter(f -> f.toString().endsWith(".jar"))
            .sorted(Comparator.reverseOrder())
            .forEach(jars::add);
      }
    }
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /// The command of the broker.
  public List<String> kafkaCommand(Path properties, Jvm.AotUse aot) throws IOException {
    return jvm("kafka", KAFKA_HEAP_MEGABYTES_MAX, aot)
        .command(
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.steward.devbox.kafka.KafkaBroker",
                properties.toString()));
  }

  private Jvm jvm(String name, int heapMegabytesMax, Jvm.AotUse aot) throws IOException {
    Path cache = aotCache(name);
    Files.createDirectories(target(name.equals("kafka") ? "devbox" : name).resolve("aot"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new Jvm(java, cache, heapMegabytesMax, aot, jvmOptions);
  }
}
