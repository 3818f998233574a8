package io.steward.schemas.kafka;

import io.steward.schemas.vault.AuditRetention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/// Creates the topics that are missing and refuses those that are there with another configuration.
/// It runs at one place, before any service starts.
public final class TopicProvisioning {
  private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
  private static final long WEEK_MS = TimeUnit.DAYS.toMillis(7);
  private static final int RECORD_BYTES_MAX = 40 * 1024 * 1024;
  private static final long ADMIN_SECONDS_MAX = 30;

  /// From here on an acknowledged record is on two machines, and one of three may be away.
  private static final int REPLICAS_OF_CLUSTERS = 3;

  private TopicProvisioning() {}

  /// Makes sure that every topic of Steward is there; uses of credentials are kept for the usual
  /// time.
  ///
  /// @throws IllegalStateException see the other one
  public static void ensure(
      String bootstrapServers, int sessionPartitions, short replicationFactor) {
    ensure(bootstrapServers, sessionPartitions, replicationFactor, AuditRetention.USUAL);
  }

  /// Makes sure that every topic of Steward is there.
  ///
  /// @param sessionPartitions partitions of every session-keyed topic; an existing topic may have
  ///   more, never fewer
  /// @param replicationFactor of topics that are made; from 3 on, `min.insync.replicas` must be 2
  /// @param audit how long uses of credentials are kept, from now on
  /// @throws IllegalStateException with one sentence when a topic is wrong or the broker is away
  public static void ensure(
      String bootstrapServers,
      int sessionPartitions,
      short replicationFactor,
      AuditRetention audit) {
    List<NewTopic> wanted = catalog(sessionPartitions, replicationFactor, audit);
    Map<String, Object> configuration = BrokerAccess.settings();
    configuration.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(configuration)) {
      Set<String> present = await(admin.listTopics().names());
      List<NewTopic> missing =
          wanted.stream().filter(topic -> !present.contains(topic.name())).toList();
      await(admin.createTopics(missing).all());
      if (present.contains(Topics.VAULT_AUDIT)) {
        keep(admin, audit);
      }
      check(admin, wanted.stream().filter(topic -> present.contains(topic.name())).toList());
    }
  }

  /// Every topic with the configuration Steward needs.
  static List<NewTopic> catalog(
      int sessionPartitions, short replicationFactor, AuditRetention audit) {
    List<NewTopic> topics = new ArrayList<>();
    topics.add(topic(Topics.SESSION_EVENTS, sessionPartitions, replicationFactor, compacted()));
    for (String name :
        List.of(
            Topics.SESSION_PREVIEWS,
            Topics.SESSION_PROGRESS,
            Topics.SESSION_QUERIES,
            Topics.SESSION_SNAPSHOTS)) {
      topics.add(topic(name, sessionPartitions, replicationFactor, kept(HOUR_MS)));
    }
    for (String name :
        List.of(
            Topics.SANDBOX_COMMANDS,
            Topics.EGRESS_COMMANDS,
            Topics.TOOL_RESULTS,
            Topics.SANDBOX_EVENTS)) {
      topics.add(topic(name, sessionPartitions, replicationFactor, kept(WEEK_MS)));
    }
    for (String name : List.of(Topics.SEALED_SECRETS, Topics.deadLetter(Topics.SEALED_SECRETS))) {
      topics.add(topic(name, 1, replicationFactor, kept(HOUR_MS)));
    }
    for (String name : List.of(Topics.AGENTS, Topics.ENVIRONMENTS, Topics.VAULTS)) {
      topics.add(topic(name, 1, replicationFactor, compacted()));
      topics.add(topic(Topics.deadLetter(name), 1, replicationFactor, kept(WEEK_MS)));
    }
    for (String name :
        List.of(
            Topics.SANDBOX_COMMANDS,
            Topics.EGRESS_COMMANDS,
            Topics.TOOL_RESULTS,
            Topics.SANDBOX_EVENTS)) {
      topics.add(topic(Topics.deadLetter(name), 1, replicationFactor, kept(WEEK_MS)));
    }
    topics.add(topic(Topics.VAULT_AUDIT, 1, replicationFactor, kept(audit.retentionMs())));
    return List.copyOf(topics);
  }

  /// The one setting of a topic that is the operator's, and may be another one at each start.
  private static boolean isOperators(NewTopic topic, String key) {
    return topic.name().equals(Topics.VAULT_AUDIT) && key.equals(TopicConfig.RETENTION_MS_CONFIG);
  }

  private static void keep(Admin admin, AuditRetention audit) {
    AlterConfigOp retention =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, Long.toString(audit.retentionMs())),
            AlterConfigOp.OpType.SET);
    await(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, Topics.VAULT_AUDIT),
                    List.of(retention)))
            .all());
  }

  private static NewTopic topic(
      String name, int partitions, short replicationFactor, Map<String, String> configuration) {
    Map<String, String> all = new LinkedHashMap<>(configuration);
    all.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(RECORD_BYTES_MAX));
    if (replicationFactor >= REPLICAS_OF_CLUSTERS) {
      all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
      all.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
    }
    return new NewTopic(name, partitions, replicationFactor).configs(all);
  }

  private static Map<String, String> compacted() {
    return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
  }

  private static Map<String, String> kept(long milliseconds) {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_DELETE,
        TopicConfig.RETENTION_MS_CONFIG,
        Long.toString(milliseconds));
  }

  private static void check(Admin admin, List<NewTopic> topics) {
    List<ConfigResource> resources =
        topics.stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))
            .toList();
    Map<ConfigResource, Config> found = await(admin.describeConfigs(resources).all());
    Map<String, TopicDescription> descriptions =
        await(
            admin
                .describeTopics(topics.stream().map(NewTopic::name).collect(Collectors.toSet()))
                .allTopicNames());
    for (NewTopic topic : topics) {
      TopicDescription description = descriptions.get(topic.name());
      int partitions = description == null ? 0 : description.partitions().size();
      if (partitions < topic.numPartitions()) {
        throw wrong(
            topic.name(),
            "partitions",
            Integer.toString(partitions),
            Integer.toString(topic.numPartitions()));
      }
      Config config = found.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
      topic
          .configs()
          .forEach((key, value) -> {
            if (!isOperators(topic, key)) {
              checkEntry(topic.name(), config, key, value);
            }
          });
    }
  }

  private static void checkEntry(String topic, @Nullable Config config, String key, String wanted) {
    String actual = config == null || config.get(key) == null ? "" : config.get(key).value();
    if (!wanted.equals(actual)) {
      throw wrong(topic, key, String.valueOf(actual), wanted);
    }
  }

  private static IllegalStateException wrong(
      String topic, String key, String actual, String wanted) {
    return new IllegalStateException(
        "The topic "
            + topic
            + " has "
            + key
            + "="
            + actual
            + ", but Steward needs "
            + wanted
            + "; change it or delete the topic if nothing on it is needed.");
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get(ADMIN_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Kafka did not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while talking to Kafka", e);
    }
  }
}
