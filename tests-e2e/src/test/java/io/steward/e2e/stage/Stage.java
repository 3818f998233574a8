package io.steward.e2e.stage;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.ObjectMappers;
import com.anthropic.models.beta.agents.AgentCreateParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolset20260401Params;
import com.anthropic.models.beta.agents.BetaManagedAgentsCustomToolInputSchema;
import com.anthropic.models.beta.agents.BetaManagedAgentsCustomToolParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsModelConfigParams;
import com.anthropic.models.beta.environments.EnvironmentCreateParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ScriptedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A Steward with a scripted model behind it, an environment and two agents: one with the built-in
/// tools and one without.
public final class Stage implements AutoCloseable {
  /// The model of the agents made here.
  public static final String MODEL = ScriptedModel.MODELS.getFirst();

  /// What containers call this machine.
  private static final String HOST_OF_CONTAINERS = "host.docker.internal";

  private final ScriptedModel model;
  private final String modelKey;
  private final Running running;
  private final AnthropicClient sdk;
  private final Api api;
  private final String environmentId;
  private final String toolAgentId;
  private final String plainAgentId;
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();

  private Stage(
      ScriptedModel model, String modelKey, Running running, List<String> environmentAndAgents) {
    this.model = model;
    this.modelKey = modelKey;
    this.running = running;
    this.sdk = running.sdk();
    this.api = new Api(running.baseUrl());
    this.environmentId = environmentAndAgents.get(0);
    this.toolAgentId = environmentAndAgents.get(1);
    this.plainAgentId = environmentAndAgents.get(2);
    secrets.add(modelKey);
  }

  /// Sets up a stage whose files are in `target/stage/<name>`, emptied first.
  public static Stage set(String name) throws Exception {
    return set(name, Map.of());
  }

  /// Sets up a stage whose Steward has these settings, too.
  public static Stage set(String name, Map<String, String> more) throws Exception {
    Path home = emptied(Steward.target().resolve("stage").resolve(name));
    String modelKey = "sk-ant-canary-" + UUID.randomUUID();
    boolean inContainers = isInContainers();
    ScriptedModel model =
        inContainers ? ScriptedModel.startEverywhere(modelKey) : ScriptedModel.start(modelKey);
    String modelUrl = inContainers ? model.baseUrl(HOST_OF_CONTAINERS) : model.baseUrl();
    Map<String, String> settings = Steward.settings(home, modelUrl, modelKey);
    settings.putAll(ModelsFile.write(home, modelUrl, modelKey));
    settings.putAll(more);
    Running running =
        inContainers ? Containers.start(home, settings) : Steward.start(home, settings);
    try {
      return new Stage(model, modelKey, running, environmentAndAgents(running));
    } catch (RuntimeException e) {
      String tail = running.logTail();
      running.abandon();
      throw new IllegalStateException(tail, e);
    }
  }

  /// Whether stages are made of the images instead of `./steward dev`.
  static boolean isInContainers() {
    return "containers".equals(System.getProperty("steward.e2e.on"));
  }

  /// The same stage after its Steward was killed and started again on the same data directory.
  public Stage restarted() throws Exception {
    Steward again = Steward.start(steward().home(), steward().settings());
    return new Stage(model, modelKey, again, List.of(environmentId, toolAgentId, plainAgentId));
  }

  public Running running() {
    return running;
  }

  /// The `./steward dev` of this stage, for scenarios that look behind the API.
  public Steward steward() {
    if (running instanceof Steward steward) {
      return steward;
    }
    throw new IllegalStateException("this scenario needs ./steward dev, not " + running.baseUrl());
  }

  public ScriptedModel model() {
    return model;
  }

  /// The key of the model: a canary that must show up nowhere.
  public String modelKey() {
    return modelKey;
  }

  /// A new secret that must show up nowhere either.
  public String plantSecret() {
    String secret = "canary-" + UUID.randomUUID();
    secrets.add(secret);
    return secret;
  }

  /// A secret that Steward makes, or a part of it by which it is known, must show up nowhere
  /// either.
  public void plant(String secret) {
    secrets.add(secret);
  }

  /// All secrets that must show up nowhere.
  public Set<String> secrets() {
    return Set.copyOf(secrets);
  }

  public AnthropicClient sdk() {
    return sdk;
  }

  public Api api() {
    return api;
  }

  public String environmentId() {
    return environmentId;
  }

  public String toolAgentId() {
    return toolAgentId;
  }

  public String plainAgentId() {
    return plainAgentId;
  }

  /// A new session with the built-in tools, its stream open, for this script.
  public OpenSession session(Script script) {
    return session(toolAgentId, script);
  }

  /// A new session without tools, its stream open, for this script.
  public OpenSession plainSession(Script script) {
    return session(plainAgentId, script);
  }

  /// A new session of this agent, its stream open, for this script.
  public OpenSession session(String agentId, Script script) {
    model.play(script);
    return OpenSession.attach(this, createSession(agentId), script);
  }

  /// A new session as this says, its stream open, for this script. The environment is filled in.
  public OpenSession session(SessionCreateParams.Builder params, Script script) {
    model.play(script);
    String id = sdk.beta().sessions().create(params.environmentId(environmentId).build()).id();
    return OpenSession.attach(this, id, script);
  }

  /// The id of a new session of this agent.
  public String createSession(String agentId) {
    return sdk.beta()
        .sessions()
        .create(SessionCreateParams.builder().agent(agentId).environmentId(environmentId).build())
        .id();
  }

  /// The id of a new agent.
  public String createAgent(AgentCreateParams.Builder agent) {
    return createAgent(sdk, agent.build());
  }

  /// The beginning of an agent with a unique name and the usual model.
  public static AgentCreateParams.Builder agent(String name) {
    return agent(name, MODEL);
  }

  /// The beginning of an agent with a unique name.
  public static AgentCreateParams.Builder agent(String name, String modelId) {
    return AgentCreateParams.builder()
        .name(name + " " + UUID.randomUUID())
        .model(BetaManagedAgentsModelConfigParams.builder().id(modelId).build());
  }

  /// A tool the client runs, with one text argument `about`.
  public static BetaManagedAgentsCustomToolParams customTool(String name) {
    return BetaManagedAgentsCustomToolParams.builder()
        .name(name)
        .description("Does " + name)
        .inputSchema(
            BetaManagedAgentsCustomToolInputSchema.builder()
                .properties(
                    BetaManagedAgentsCustomToolInputSchema.Properties.builder()
                        .putAdditionalProperty("about", JsonValue.from(Map.of("type", "string")))
                        .build())
                .build())
        .build();
  }

  /// The built-in toolset with its defaults.
  public static BetaManagedAgentsAgentToolset20260401Params toolset() {
    return BetaManagedAgentsAgentToolset20260401Params.builder().build();
  }

  /// An object of the official client as JSON.
  public static JsonNode json(Object sdkObject) {
    return ObjectMappers.jsonMapper().valueToTree(sdkObject);
  }

  @Override
  public void close() throws Exception {
    try {
      running.stop();
    } finally {
      sdk.close();
      model.close();
    }
  }

  /// Gives up this view of the stage, leaving its model running for the next one.
  public void leave() {
    sdk.close();
  }

  private static List<String> environmentAndAgents(Running running) {
    AnthropicClient sdk = running.sdk();
    EnvironmentCreateParams environment =
        EnvironmentCreateParams.builder().name("stage " + UUID.randomUUID()).build();
    List<String> ids =
        List.of(
            sdk.beta().environments().create(environment).id(),
            createAgent(sdk, agent("with tools").addTool(toolset()).build()),
            createAgent(sdk, agent("without tools").build()));
    sdk.close();
    return ids;
  }

  private static String createAgent(AnthropicClient sdk, AgentCreateParams params) {
    return sdk.beta().agents().create(params).id();
  }

  private static Path emptied(Path directory) throws Exception {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(directory);
  }
}
