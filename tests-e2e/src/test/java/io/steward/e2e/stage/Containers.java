package io.steward.e2e.stage;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import io.steward.e2e.compose.ComposeFile;
import io.steward.e2e.compose.ComposeService;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/// The services of `docker-compose.yml` that its `proxy` needs, as Testcontainers: the images, the
/// settings, the order and the health checks of that file, with volumes and secrets of their own.
public final class Containers implements Running {
  private static final String PROXY = "proxy";
  private static final int PROXY_PORT = 8080;
  private static final Duration START_MAX = Duration.ofMinutes(5);
  private static final Duration HEALTH_PERIOD = Duration.ofSeconds(5);
  private static final int TAIL_LINES = 40;

  /// A service that finds its database too slow ends, and is started again.
  private static final int RESTARTS_MAX = 5;

  /// The services that read the file of models.
  private static final Set<String> MODEL_READERS = Set.of("agent-config", "session-log", "harness");

  private final Path home;
  private final ComposeFile file;
  private final Map<String, String> settings;
  private final Network network = Network.newNetwork();
  private final String volumePrefix = "steward-e2e-" + UUID.randomUUID() + "-";
  private final Set<String> volumes = new TreeSet<>();
  private final Map<String, GenericContainer<?>> containers = new LinkedHashMap<>();

  private Containers(Path home, ComposeFile file, Map<String, String> settings) {
    this.home = home;
    this.file = file;
    this.settings = settings;
  }

  /// Starts them and waits until all are well.
  ///
  /// @param home where secrets are kept
  /// @param settings variables of the compose file, and `STEWARD_MODELS` with the keys it names
  public static Containers start(Path home, Map<String, String> settings) throws Exception {
    speakWithAnyDaemon();
    Path secrets = Files.createDirectories(home.resolve("secrets"));
    Files.writeString(secrets.resolve("api-key"), API_KEY + "\n");
    run("docker/secrets", secrets.toString());
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.putAll(settings);
    variables.put("STEWARD_SECRETS_DIR", secrets.toString());
    ComposeFile file =
        ComposeFile.read(Steward.repository().resolve("docker-compose.yml"), variables);
    Containers started = new Containers(home, file, settings);
    try {
      started.startAll();
    } catch (Exception | AssertionError e) {
      var failure = new IllegalStateException(started.logTail(), e);
      try {
        started.abandon();
      } catch (RuntimeException further) {
        failure.addSuppressed(further);
      }
      throw failure;
    }
    return started;
  }

  /// Makes the images anew from what is built.
  public static void buildImages() throws IOException, InterruptedException {
    run(
        "docker/build",
        "agent-config",
        "session-log",
        "harness",
        "sandbox",
        "vault-proxy",
        "sandbox-tools",
        "sandbox-local");
  }

  /// The client of Testcontainers speaks a newer version than Debian's daemon knows.
  private static void speakWithAnyDaemon() throws IOException {
    Process process =
        new ProcessBuilder("docker", "version", "--format", "{{.Server.APIVersion}}")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII)) {
      String version = out.readLine();
      if (version == null || !version.matches("\\d+\\.\\d+")) {
        throw new IOException("No Docker daemon answers; see docs/images.md.");
      }
      System.setProperty("api.version", version);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(List.of(command));
    whole.set(0, Steward.repository().resolve(command[0]).toString());
    Process process =
        new ProcessBuilder(whole).directory(Steward.repository().toFile()).inheritIO().start();
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IOException(command[0] + " ended with " + exit);
    }
  }

  private void startAll()
      throws IOException, ExecutionException, InterruptedException, TimeoutException {
    Set<String> needed = file.neededBy(PROXY);
    for (String name : needed) {
      containers.put(name, container(file.service(name), needed));
    }
    for (String name : needed) {
      container(name)
          .dependsOn(file.service(name).dependsOn().stream().map(this::container).toList());
    }
    Startables.deepStart(container(PROXY)).get(START_MAX.toSeconds(), TimeUnit.SECONDS);
  }

  private GenericContainer<?> container(String name) {
    return Objects.requireNonNull(containers.get(name), name);
  }

  private GenericContainer<?> container(ComposeService service, Set<String> all)
      throws IOException {
    var container = new GenericContainer<>(DockerImageName.parse(service.image()));
    container.withNetwork(network).withNetworkAliases(service.name());
    container.withEnv(environment(service)).withStartupTimeout(START_MAX);
    for (String host : service.list("extra_hosts")) {
      String[] parts = host.split(":", 2);
      container.withExtraHost(parts[0], parts[1]);
    }
    if (!service.list("command").isEmpty()) {
      container.withCommand(service.list("command").toArray(String[]::new));
    }
    if (all.stream().anyMatch(other -> file.service(other).awaitsEndOf(service.name()))) {
      container.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(START_MAX));
    } else {
      container.waitingFor(new Health().withStartupTimeout(START_MAX));
    }
    if (service.name().equals(PROXY)) {
      container.withExposedPorts(PROXY_PORT);
    }
    List<Bind> binds = binds(service);
    container.withCreateContainerCmdModifier(command -> shape(command, service, binds));
    return container;
  }

  private Map<String, String> environment(ComposeService service) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    for (String each : service.list("env_file")) {
      for (String line : Files.readAllLines(Path.of(each))) {
        String[] parts = line.split("=", 2);
        all.put(parts[0], parts[1]);
      }
    }
    all.putAll(service.environment());
    if (MODEL_READERS.contains(service.name())) {
      all.put("STEWARD_MODELS", "/etc/steward/models.yaml");
    }
    if (service.name().equals("harness")) {
      settings.forEach((name, value) -> {
        if (name.endsWith("_API_KEY")) {
          all.put(name, value);
        }
      });
    }
    return all;
  }

  private List<Bind> binds(ComposeService service) {
    List<Bind> binds = new ArrayList<>();
    for (String volume : service.list("volumes")) {
      String[] parts = volume.split(":", 3);
      boolean isFile = parts[0].startsWith(".");
      if (!isFile) {
        volumes.add(volumePrefix + parts[0]);
      }
      String source =
          isFile
              ? Steward.repository().resolve(parts[0]).normalize().toString()
              : volumePrefix + parts[0];
      binds.add(new Bind(source, new Volume(parts[1]), isFile ? AccessMode.ro : AccessMode.rw));
    }
    for (ComposeService.Secret secret : service.secrets()) {
      binds.add(
          new Bind(
              Objects.requireNonNull(file.secrets().get(secret.source())),
              new Volume("/run/secrets/" + secret.target()),
              AccessMode.ro));
    }
    String models = settings.get("STEWARD_MODELS");
    if (models != null && MODEL_READERS.contains(service.name())) {
      binds.add(new Bind(models, new Volume("/etc/steward/models.yaml"), AccessMode.ro));
    }
    return binds;
  }

  /// What Testcontainers has no method for.
  private static void shape(CreateContainerCmd command, ComposeService service, List<Bind> binds) {
    var host = new UnmaskedHostConfig(Objects.requireNonNull(command.getHostConfig()));
    if (!service.list("entrypoint").isEmpty()) {
      command.withEntrypoint(service.list("entrypoint"));
    }
    if (!service.text("user").isEmpty()) {
      command.withUser(service.text("user"));
    }
    List<String> test = service.healthTest();
    if (!test.isEmpty()) {
      command.withHealthcheck(
          new HealthCheck().withTest(test).withInterval(HEALTH_PERIOD.toNanos()).withRetries(100));
    }
    Map<String, String> tmpfs = new HashMap<>();
    for (String each : service.list("tmpfs")) {
      String[] parts = each.split(":", 2);
      tmpfs.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    host.withBinds(binds).withTmpFs(tmpfs).withReadonlyRootfs(service.isTrue("read_only"));
    host.withInit(service.isTrue("init")).withMemory(service.memoryBytesMax());
    if (!service.text("restart").isEmpty()) {
      host.withRestartPolicy(RestartPolicy.onFailureRestart(RESTARTS_MAX));
    }
    if (service.list("cap_drop").contains("ALL")) {
      host.withCapDrop(Capability.ALL);
    }
    List<String> options = new ArrayList<>(service.list("security_opt"));
    // Docker's command line turns this one into fields of the request.
    host.unmask(options.remove("systempaths=unconfined"));
    host.withSecurityOpts(options);
    command.withHostConfig(host);
  }

  @Override
  public String baseUrl() {
    GenericContainer<?> proxy = container(PROXY);
    return "http://" + proxy.getHost() + ":" + proxy.getMappedPort(PROXY_PORT);
  }

  @Override
  public String logTail() {
    StringBuilder tail = new StringBuilder();
    containers.forEach((name, container) -> {
      List<String> lines = logs(container).lines().toList();
      tail.append("\n--- ").append(name).append('\n');
      lines
          .subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())
          .forEach(line -> tail.append(line).append('\n'));
    });
    return tail.toString();
  }

  private static String logs(GenericContainer<?> container) {
    if (container.getContainerId() == null) {
      return "not started";
    }
    try {
      return container.getLogs();
    } catch (RuntimeException e) {
      return "no log: " + e.getMessage();
    }
  }

  @Override
  public void stop() throws IOException {
    Files.writeString(home.resolve("containers.log"), logTail());
    abandon();
  }

  @Override
  public void abandon() {
    List.copyOf(containers.values()).reversed().forEach(GenericContainer::stop);
    network.close();
    volumes.forEach(
        volume -> DockerClientFactory.instance().client().removeVolumeCmd(volume).exec());
  }
}
