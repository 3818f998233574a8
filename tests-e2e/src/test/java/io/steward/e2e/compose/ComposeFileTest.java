package io.steward.e2e.compose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Holds `docker-compose.yml`, the Dockerfiles and the routes of the proxy in step with the
/// services.
class ComposeFileTest {
  private static final Path ROOT =
      Path.of(System.getProperty("steward.repository", "..")).toAbsolutePath().normalize();
  private static final Pattern ROUTE = Pattern.compile("(?m)^ +\"~(.+)\" ([a-z-]+);$");
  private static final Pattern SECRET = Pattern.compile(".*(PASSWORD|SECRET|_KEY|CREDENTIAL)");

  private static Set<String> services() throws IOException {
    try (Stream<Path> directories = Files.list(ROOT.resolve("services"))) {
      return directories
          .map(directory -> directory.getFileName().toString())
          .filter(name -> !name.equals("devbox"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static ComposeFile compose() throws IOException {
    return ComposeFile.read(ROOT.resolve("docker-compose.yml"), Map.of());
  }

  @Test
  void every_service_is_in_the_file_and_the_proxy_waits_for_it() throws IOException {
    assertEquals(services(), new TreeSet<>(compose().service("proxy").dependsOn()));
  }

  @Test
  void every_service_has_a_dockerfile_that_differs_only_in_what_is_its_own() throws IOException {
    Set<String> rest = new TreeSet<>();
    for (String service : services()) {
      String text = Files.readString(ROOT.resolve("services/" + service + "/Dockerfile"));
      assertTrue(text.contains("COPY services/" + service + "/target/quarkus-app"), service);
      rest.add(
          text.lines()
              .filter(
                  line -> line.matches("(FROM|ARG|COPY|RUN|USER|WORKDIR|STOPSIGNAL|ENTRY|CMD).*"))
              .map(line -> line.replace("services/" + service + "/", "services/x/"))
              .collect(Collectors.joining("\n")));
    }
    assertEquals(1, rest.size(), () -> String.join("\n---\n", rest));
  }

  @Test
  void every_variable_of_ours_is_one_the_service_reads() throws IOException {
    List<String> unknown = new ArrayList<>();
    ComposeFile compose = compose();
    for (String name : services()) {
      KnownVariables known =
          KnownVariables.in(
              List.of(
                  ROOT.resolve("services/" + name + "/src/main"),
                  ROOT.resolve("schemas/src/main")));
      compose.service(name).environment().keySet().stream()
          .filter(variable -> variable.startsWith("STEWARD_") && !known.has(variable))
          .forEach(variable -> unknown.add(name + " " + variable));
    }
    assertEquals(List.of(), unknown);
  }

  @Test
  void no_secret_stands_in_the_file() throws IOException {
    List<String> found = new ArrayList<>();
    compose()
        .services()
        .values()
        .forEach(service ->
            service
                .environment()
                .forEach((name, value) -> {
                  if (SECRET.matcher(name).matches() && !value.isEmpty()) {
                    found.add(service.name() + " " + name);
                  }
                }));
    assertEquals(List.of(), found);
  }

  @Test
  void ports_are_open_to_this_machine_alone() throws IOException {
    List<String> open =
        compose().services().values().stream()
            .flatMap(service -> service.list("ports").stream())
            .filter(port -> !port.startsWith("127.0.0.1:"))
            .toList();
    assertEquals(List.of(), open);
  }

  @Test
  void services_run_with_nothing_they_could_change() throws IOException {
    ComposeFile compose = compose();
    for (String name : services()) {
      ComposeService service = compose.service(name);
      assertTrue(service.isTrue("read_only"), name);
      assertEquals(List.of("ALL"), service.list("cap_drop"), name);
      assertTrue(service.list("security_opt").contains("no-new-privileges:true"), name);
      assertTrue(service.memoryBytesMax() > 0, name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/agents, agent-config",
    "/v1/agents/agent_1/versions?limit=2, agent-config",
    "/v1/models, agent-config",
    "/v1/environments?limit=1, agent-config",
    "/v1/environments/env_1/keys, agent-config",
    "/v1/environments/env_1/work, session-log",
    "/v1/environments/env_1/work/poll?block_ms=1, session-log",
    "/v1/sessions/sesn_1/events/stream, session-log",
    "/v1/files, session-log",
    "/v1/vaults/vlt_1/credentials, vault-proxy",
    "/v1/agentsx, ''",
    "/v1/environments/env_1/workers, agent-config",
    "/q/metrics, ''",
    "/, ''"
  })
  void the_proxy_routes_as_devbox_does(String path, String service) throws IOException {
    Matcher routes = ROUTE.matcher(Files.readString(ROOT.resolve("docker/compose/nginx.conf")));
    String found = "";
    while (found.isEmpty() && routes.find()) {
      found = Pattern.compile(routes.group(1)).matcher(path).find() ? routes.group(2) : "";
    }
    assertEquals(service, found);
  }

  @Test
  void docker_compose_reads_the_file() throws Exception {
    Assumptions.assumeTrue(
        exit("docker", "compose", "version") == 0, "there is no docker compose here");
    assertEquals(0, exit(ROOT.resolve("docker/secrets").toString(), secrets()));
    assertEquals(0, exit("docker", "compose", "config", "--quiet"));
  }

  private static String secrets() {
    return Path.of(System.getProperty("steward.e2e.target", "target"))
        .resolve("compose-secrets")
        .toAbsolutePath()
        .toString();
  }

  private static int exit(String... command) throws InterruptedException {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(ROOT.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD);
      builder.environment().put("STEWARD_SECRETS_DIR", secrets());
      return builder.start().waitFor();
    } catch (IOException e) {
      return -1; // There is no such program.
    }
  }
}
