package io.steward.sessionlog;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.AgentRules;
import io.steward.schemas.agent.rules.EnvironmentRules;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.model.CatalogException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.session.Session;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values that tests are made of.
public final class Samples {
  /// When everything begins.
  public static final Instant T0 = Instant.parse("2026-11-20T10:00:00Z");

  /// A session in partition 0.
  public static final SessionId ID = new SessionId("sesn_0111et8vk3S5eZYpTrHeGiw3");

  /// Serves every model; only `m` has prices.
  public static final ModelCatalog MODELS =
      catalog(
          """
          providers: {a: {kind: anthropic}}
          active_hour: 0.08
          models:
            - id: m
              provider: a
              context_window: 200000
              output_tokens_max: 64000
              prices: {input: 5, output: 25, cache_write: 6.25, cache_read: 0.5}
            - {id: "*", provider: a, context_window: 200000, output_tokens_max: 64000}
          """);

  private Samples() {}

  private static ModelCatalog catalog(String yaml) {
    try {
      return ModelCatalog.parse(yaml);
    } catch (CatalogException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The JSON object in a text with `'` for `"`.
  public static ObjectNode json(String text) {
    return (ObjectNode) Json.tree(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /// An agent with the built-in tools.
  public static Agent agent() {
    return AgentRules.create(
        json("{'name':'Coder','model':'m','tools':[{'type':'agent_toolset_20260401'}]}"),
        "agent_01A",
        T0,
        AgentLookup.NONE,
        MODELS);
  }

  /// A cloud environment.
  public static Environment environment() {
    return EnvironmentRules.create(json("{'name':'lab'}"), "env_01A", T0);
  }

  /// The first record of a session.
  public static SessionRecord.Created created(List<SessionEvent> initialEvents) {
    return created(initialEvents, List.of(), null);
  }

  /// The first record of a session that was given resources and a budget.
  public static SessionRecord.Created created(
      List<SessionEvent> initialEvents, List<SessionResource> resources, @Nullable Budget budget) {
    return new SessionRecord.Created(
        ID,
        Envelope.DEFAULT_WORKSPACE,
        SessionAgent.of(agent()),
        new SessionRecord.SessionEnvironment("env_01A", Json.tree((Object) environment().config())),
        "title",
        Map.of("a", "1"),
        resources,
        List.of(),
        initialEvents,
        budget,
        MODELS.prices("m").orElseThrow(),
        Map.of(),
        T0);
  }

  /// The first record of another session.
  public static SessionRecord.Created created(SessionId id) {
    SessionRecord.Created like = created(List.of());
    return new SessionRecord.Created(
        id,
        like.workspaceId(),
        like.agent(),
        like.environment(),
        like.title(),
        like.metadata(),
        like.resources(),
        like.vaultIds(),
        like.initialEvents(),
        like.budget(),
        like.prices(),
        like.attachments(),
        like.createdAt());
  }

  /// The first record of a session on the self-hosted environment `env_01S`.
  public static SessionRecord.Created selfHosted(SessionId id, SessionEvent... initialEvents) {
    SessionRecord.Created like = created(List.of(initialEvents));
    return new SessionRecord.Created(
        id,
        like.workspaceId(),
        like.agent(),
        new SessionRecord.SessionEnvironment("env_01S", json("{'type':'self_hosted'}")),
        like.title(),
        like.metadata(),
        like.resources(),
        like.vaultIds(),
        like.initialEvents(),
        like.budget(),
        like.prices(),
        like.attachments(),
        like.createdAt());
  }

  /// The configuration with its defaults but for these.
  public static SessionLogConfig config(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDefaultSources()
        .addDiscoveredConverters()
        .withMapping(SessionLogConfig.class)
        .withValidateUnknown(false)
        .withSources(new PropertiesConfigSource(properties, "test", 1000))
        .build()
        .unwrap(SmallRyeConfig.class)
        .getConfigMapping(SessionLogConfig.class);
  }

  /// A session that may cost that many cents, after some records.
  public static Session budgeted(String cents, SessionRecord... records) {
    Budget budget = Budget.limit(new Money(cents, Money.USD));
    return session(created(List.of(), List.of(), budget), records);
  }

  /// A session after some records, from offset 0.
  public static Session session(SessionRecord... records) {
    return session(created(List.of()), records);
  }

  /// A session after its first record and some more, from offset 0.
  public static Session session(SessionRecord.Created created, SessionRecord... records) {
    Session session = Session.ABSENT.apply(logged(0, created));
    for (int i = 0; i < records.length; i++) {
      session = session.apply(logged(i + 1, records[i]));
    }
    return session;
  }

  /// A record, one second for each offset after the beginning.
  public static LoggedRecord logged(long offset, SessionRecord body) {
    return new LoggedRecord(ID, "rec_" + offset, offset, T0.plusSeconds(offset), body);
  }

  /// A queued message.
  public static SessionEvent.UserMessage message(String id) {
    return new SessionEvent.UserMessage(id, List.of(new ContentBlock.Text("hi")), null);
  }
}
