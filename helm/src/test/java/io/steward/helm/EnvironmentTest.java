package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every variable of the chart is one its service reads: a misspelt one would do nothing.
class EnvironmentTest {
  private static final Path SERVICES = Path.of("../services");

  /// Settings of Quarkus, of the AWS SDK and of OpenTelemetry that the chart uses.
  private static final Set<String> OF_LIBRARIES =
      Set.of(
          "QUARKUS_HTTP_HOST",
          "QUARKUS_HTTP_PORT",
          "QUARKUS_SHUTDOWN_DELAY",
          "QUARKUS_SHUTDOWN_TIMEOUT",
          "QUARKUS_DATASOURCE_JDBC_URL",
          "QUARKUS_DATASOURCE_REACTIVE_URL",
          "QUARKUS_DATASOURCE_USERNAME",
          "QUARKUS_DATASOURCE_PASSWORD",
          "KAFKA_BOOTSTRAP_SERVERS",
          "AWS_ACCESS_KEY_ID",
          "AWS_SECRET_ACCESS_KEY",
          "OTEL_TRACES_SAMPLER",
          "OTEL_TRACES_SAMPLER_ARG",
          "OTEL_EXPORTER_OTLP_HEADERS");

  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)[:}]");
  private static final Pattern LITERAL = Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\"");
  private static final Pattern INJECTED =
      Pattern.compile("@ConfigProperty\\(name = \"([a-z.-]+)\"");
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([a-z.]+);");

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void every_variable_is_read_by_its_service(ValueSet values) {
    List<String> unread = new ArrayList<>();
    for (Workload workload : Workload.of(values.objects(ValueSet.KUBERNETES.getFirst()))) {
      if (!workload.component().startsWith("trial-")) {
        Set<String> read =
            read(workload.component().equals("topics") ? "session-log" : workload.component());
        workload.variables().stream()
            .filter(name -> !read.contains(name))
            .forEach(name -> unread.add(workload.component() + ": " + name));
      }
    }

    assertEquals(List.of(), unread);
  }

  private static Set<String> read(String service) {
    Set<String> names = new HashSet<>(OF_LIBRARIES);
    Path main = SERVICES.resolve(service).resolve("src/main");
    for (Path file : files(main.resolve("resources"), ".properties")) {
      add(EXPRESSION, file, names);
    }
    for (Path file : files(main.resolve("java"), ".java")) {
      add(LITERAL, file, names);
      INJECTED.matcher(text(file)).results().forEach(found -> names.add(variable(found.group(1))));
      if (text(file).contains("@ConfigMapping(")) {
        names.addAll(settings(file));
      }
    }
    for (Path file : files(Path.of("../schemas/src/main/java"), ".java")) {
      add(LITERAL, file, names);
    }
    return names;
  }

  /// The variables of a mapping, as SmallRye names them.
  private static Set<String> settings(Path file) {
    Matcher named = PACKAGE.matcher(text(file));
    if (!named.find()) {
      throw new IllegalStateException(file + " names no package");
    }
    Class<?> mapping;
    try {
      mapping =
          Class.forName(
              named.group(1) + "." + file.getFileName().toString().replace(".java", ""),
              false,
              EnvironmentTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    Map<String, ?> properties =
        ConfigMappings.getProperties(
            ConfigClass.configClass(mapping, mapping.getAnnotation(ConfigMapping.class).prefix()));
    Set<String> names = new HashSet<>();
    properties.keySet().forEach(key -> names.add(variable(key)));
    return names;
  }

  private static String variable(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  private static void add(Pattern pattern, Path file, Set<String> names) {
    pattern.matcher(text(file)).results().forEach(found -> names.add(found.group(1)));
  }

  private static List<Path> files(Path directory, String end) {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(path -> path.toString().endsWith(end)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
