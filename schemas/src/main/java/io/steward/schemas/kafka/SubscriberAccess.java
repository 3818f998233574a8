package io.steward.schemas.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// What lets somebody follow sessions on Kafka and change nothing: reading the topics of sessions,
/// and being in consumer groups of their own.
///
/// @param principal as the brokers name it, such as `User:reports`
/// @param groupPrefix what the names of its groups begin with
public record SubscriberAccess(String principal, String groupPrefix) {
  /// The environment variable with the principal; without it nothing is granted.
  public static final String PRINCIPAL = "STEWARD_SUBSCRIBER_PRINCIPAL";

  /// The environment variable with the prefix.
  public static final String GROUP_PREFIX = "STEWARD_SUBSCRIBER_GROUP_PREFIX";

  static final String USUAL_PREFIX = "subscriber-";

  /// What a subscriber may read: no commands, no results, nothing of vaults.
  static final List<String> TOPICS =
      List.of(Topics.SESSION_EVENTS, Topics.SESSION_PREVIEWS, Topics.SESSION_PROGRESS);

  private static final Pattern PRINCIPAL_FORM = Pattern.compile("[A-Za-z]+:[^*,\\s]{1,200}");
  private static final Pattern PREFIX_FORM = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final long ADMIN_SECONDS_MAX = 30;

  /// @throws IllegalArgumentException with a sentence when a part is not of its form, or the groups
  ///   could be those of a service
  public SubscriberAccess {
    if (!PRINCIPAL_FORM.matcher(principal).matches()) {
      throw new IllegalArgumentException(
          PRINCIPAL + " is \"" + principal + "\"; it must be one principal, such as User:reports.");
    }
    if (!PREFIX_FORM.matcher(groupPrefix).matches()) {
      throw new IllegalArgumentException(
          GROUP_PREFIX
              + " is \""
              + groupPrefix
              + "\"; it must be 1 to 100 letters, digits, dots, underscores and dashes.");
    }
    for (String group : List.of("harness", "sandbox", "vault-proxy.", "session-log-files")) {
      if (group.startsWith(groupPrefix) || groupPrefix.startsWith(group)) {
        throw new IllegalArgumentException(
            GROUP_PREFIX
                + " is \""
                + groupPrefix
                + "\", which is where Steward's own group "
                + group
                + " is; choose another prefix.");
      }
    }
  }

  /// Whom the variables name, if anybody.
  ///
  /// @throws IllegalArgumentException with a sentence when a variable breaks a rule
  public static Optional<SubscriberAccess> of(Map<String, String> environment) {
    String principal = environment.getOrDefault(PRINCIPAL, "").strip();
    String prefix = environment.getOrDefault(GROUP_PREFIX, "").strip();
    return principal.isEmpty()
        ? Optional.empty()
        : Optional.of(new SubscriberAccess(principal, prefix.isEmpty() ? USUAL_PREFIX : prefix));
  }

  /// Everything that is granted.
  List<AclBinding> bindings() {
    List<AclBinding> bindings = new ArrayList<>();
    for (AclOperation operation : List.of(AclOperation.READ, AclOperation.DESCRIBE)) {
      AccessControlEntry entry =
          new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW);
      TOPICS.forEach(topic ->
          bindings.add(
              new AclBinding(
                  new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL), entry)));
      bindings.add(
          new AclBinding(
              new ResourcePattern(ResourceType.GROUP, groupPrefix, PatternType.PREFIXED), entry));
    }
    return bindings;
  }

  /// Grants it; what was granted before changes nothing.
  ///
  /// @throws IllegalStateException with a sentence when the brokers do not
  public void grant(String bootstrapServers) {
    Map<String, Object> configuration = BrokerAccess.settings();
    configuration.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(configuration)) {
      admin.createAcls(bindings()).all().get(ADMIN_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          e.getCause() instanceof SecurityDisabledException
              ? PRINCIPAL
                  + " is "
                  + principal
                  + ", and the brokers have no authorizer, so everybody may read everything."
              : "The brokers do not let " + principal + " in: " + e.getMessage(),
          e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("The brokers do not answer.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
