package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Transcript;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Builds the model requests of a session. Three marks tell the provider what to cache: the last
/// tool, the system prompt, the newest block of the conversation. The first two never move.
public final class ModelRequests {
  private static final String DEFAULT_SPEED = "standard";

  /// The shortest reply that is ever asked for, in tokens.
  private static final int REPLY_TOKENS_MIN = 1_024;

  private static final int HALVINGS_MAX = 10;

  private final ModelCatalog models;
  private final long tokensMax;
  private final Searcher searcher;

  /// @param tokensMax the longest reply of any model, in tokens
  public ModelRequests(ModelCatalog models, long tokensMax, Searcher searcher) {
    this.models = models;
    this.tokensMax = tokensMax;
    this.searcher = searcher;
  }

  /// The next request of a turn.
  public ModelRequest next(SessionFacts facts) {
    Transcript transcript = facts.transcript();
    return request(
        facts,
        Conversation.of(transcript.entries()),
        replyTokens(facts.agent().model(), transcript.tokens()),
        true);
  }

  /// Asks for a summary of the oldest entries of the conversation.
  ///
  /// @param attempt how often in a row it failed before; each makes the request shorter
  public ModelRequest summary(SessionFacts facts, int entries, int attempt) {
    Optional<CatalogModel> model = models.find(facts.agent().model().id());
    int window = model.map(CatalogModel::contextWindow).orElse(Integer.MAX_VALUE);
    Transcript transcript = facts.transcript();
    int harder = attempt + (transcript.doesNotFit() ? 1 : 0);
    ArrayNode messages =
        SummaryRequest.messages(
            transcript.entries().subList(0, entries),
            Math.max(0, window - transcript.overheadTokens()) >> Math.min(harder, HALVINGS_MAX));
    long tokens = Math.min(SummaryRequest.TOKENS_MAX, Math.max(REPLY_TOKENS_MIN, window / 8L));
    return request(facts, messages, Math.min(tokens, tokensMax), false);
  }

  private ModelRequest request(
      SessionFacts facts, ArrayNode messages, long maxTokens, boolean toolsAllowed) {
    SessionAgent agent = facts.agent();
    ModelConfig model = agent.model();
    OfferedTools offered = OfferedTools.of(facts, searcher);
    ArrayNode tools = offered.definitions();
    if (tools.isEmpty()) {
      tools = OfferedTools.calledIn(facts.transcript());
    }
    markLast(tools);
    if (!messages.isEmpty()) {
      JsonNode last = messages.get(messages.size() - 1);
      if (last.path("role").asText().equals(Conversation.USER)) {
        markLast(last.path("content"));
      }
    }
    return new ModelRequest(
        model.id(),
        maxTokens,
        system(agent.system()),
        tools,
        toolsAllowed && !offered.definitions().isEmpty(),
        messages,
        effort(model),
        model.speed().equals(DEFAULT_SPEED) ? null : model.speed(),
        model.inferenceGeo(),
        toolsAllowed ? offered.judged() : Set.of(),
        facts.attachments());
  }

  /// The agent's effort, for models that take it: each has a default of its own.
  private @Nullable String effort(ModelConfig config) {
    String effort = config.effort().type();
    return models.find(config.id()).stream().anyMatch(model -> model.efforts().contains(effort))
        ? effort
        : null;
  }

  /// What fits behind the conversation: some providers refuse a request whose longest possible
  /// reply would not.
  private long replyTokens(ModelConfig config, int conversationTokens) {
    return models
        .find(config.id())
        .map(model ->
            Math.min(
                Math.min(tokensMax, model.outputTokensMax()),
                Math.max(REPLY_TOKENS_MIN, (long) model.contextWindow() - conversationTokens)))
        .orElse(tokensMax);
  }

  private static @Nullable ArrayNode system(@Nullable String prompt) {
    if (prompt == null || prompt.isBlank()) {
      return null;
    }
    ArrayNode system = JsonNodeFactory.instance.arrayNode();
    system.add(Conversation.text(prompt));
    markLast(system);
    return system;
  }

  private static void markLast(JsonNode list) {
    if (!list.isEmpty() && list.get(list.size() - 1) instanceof ObjectNode last) {
      last.putObject("cache_control").put("type", "ephemeral");
    }
  }
}
