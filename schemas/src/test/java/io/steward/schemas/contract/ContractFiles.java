package io.steward.schemas.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The schema files and golden examples of this module.
final class ContractFiles {
  private static final Pattern EXAMPLE = Pattern.compile("(.+)\\.v[0-9]+\\.[a-z0-9-]+\\.json");
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(ContractFiles::content));

  private ContractFiles() {}

  /// Schema files of one folder by wire type: `events/session/status_idle.v1.json` is
  /// `session.status_idle`.
  static Map<String, Path> schemas(String folder) {
    Map<String, Path> byType = new TreeMap<>();
    for (Path file : json(Path.of(folder))) {
      String name = Path.of(folder).relativize(file).toString().replace('/', '.');
      byType.put(name.replaceFirst("\\.v[0-9]+\\.json$", ""), file);
    }
    return byType;
  }

  /// Every schema of a message.
  static Map<String, Path> messages() {
    Map<String, Path> all = new TreeMap<>();
    Stream.of("events", "records", "commands", "previews", "config")
        .forEach(folder -> all.putAll(schemas(folder)));
    return all;
  }

  /// Every schema file, those of shared shapes included.
  static List<Path> allSchemas() {
    return Stream.of("events", "records", "commands", "previews", "config", "shapes")
        .flatMap(folder -> json(Path.of(folder)).stream())
        .toList();
  }

  /// The golden examples, but not the histories.
  static List<Path> examples() {
    try (Stream<Path> files = Files.list(Path.of("examples"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The wire type an example is of.
  static String typeOf(Path example) {
    String name = example.getFileName().toString();
    var matcher = EXAMPLE.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalStateException("not <type>.v<n>.<case>.json: " + name);
    }
    return matcher.group(1);
  }

  static JsonNode read(Path file) {
    try {
      return Json.tree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is wrong with `json` by the schema in `schemaFile`; empty when nothing is.
  static List<String> violations(Path schemaFile, JsonNode json) {
    Schema schema =
        REGISTRY.getSchema(SchemaLocation.of(schemaFile.toAbsolutePath().toUri().toString()));
    return schema
        .validate(
            json.toString(),
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Object::toString)
        .toList();
  }

  private static @Nullable String content(String iri) {
    try {
      return iri.startsWith("file:") ? Files.readString(Path.of(URI.create(iri))) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> json(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
