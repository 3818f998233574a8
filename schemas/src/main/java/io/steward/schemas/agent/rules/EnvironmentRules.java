package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.EnvironmentConfig.CloudConfig;
import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.agent.EnvironmentConfig.Packages;
import io.steward.schemas.agent.EnvironmentConfig.SelfHostedConfig;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The rules of creating and updating an environment. Source: contract/core.md §3.
public final class EnvironmentRules {
  private static final int NAME_CHARS_MAX = 256;
  private static final int DESCRIPTION_CHARS_MAX = 2_048;
  private static final int HOSTS_MAX = 256;
  private static final int HOST_CHARS_MAX = 253;
  private static final int PACKAGES_MAX = 256;
  private static final int PACKAGE_CHARS_MAX = 256;
  private static final String SCOPE = "organization";
  private static final List<String> TYPES =
      List.of(EnvironmentConfig.CLOUD, EnvironmentConfig.SELF_HOSTED);
  private static final List<String> NETWORKS = List.of("unrestricted", "limited");
  private static final String LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
  private static final Pattern HOST = Pattern.compile("(\\*\\.)?" + LABEL + "(\\." + LABEL + ")*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
  private static final Limited LIMITED_DEFAULT = new Limited(List.of(), false, false);

  private EnvironmentRules() {}

  /// A new environment.
  ///
  /// @throws ApiException 400 when the body breaks a rule
  public static Environment create(JsonNode body, String id, Instant now) {
    Fields fields = Fields.body(body);
    Fields config = fields.object("config");
    requireScope(fields);
    return new Environment(
        id,
        fields.requiredText("name", 1, NAME_CHARS_MAX),
        fields.text("description", 0, DESCRIPTION_CHARS_MAX),
        config == null ? CloudConfig.DEFAULT : newConfig(config),
        MetadataRules.create(body),
        SCOPE,
        now,
        now,
        null);
  }

  /// The environment after a patch: the same object when nothing would change.
  ///
  /// @throws ApiException 400 when the environment is archived (`environment_archived`), the type
  ///   of its config would change (`invalid_config_type_change`) or the patch breaks another rule
  public static Environment update(Environment current, JsonNode body, Instant now) {
    Fields patch = Fields.body(body);
    if (current.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid(
              "Environment " + current.id() + " is archived and cannot be changed.",
              "environment_archived"));
    }
    requireScope(patch);
    String name = patch.text("name", 1, NAME_CHARS_MAX);
    Fields config = patch.object("config");
    Environment patched =
        new Environment(
            current.id(),
            name == null ? current.name() : name,
            patch.has("description")
                ? patch.text("description", 0, DESCRIPTION_CHARS_MAX)
                : current.description(),
            config == null ? current.config() : patched(current.config(), config),
            MetadataRules.update(current.metadata(), body, MetadataRules.EmptyValue.DELETES),
            current.scope(),
            current.createdAt(),
            current.updatedAt(),
            null);
    return patched.equals(current) ? current : updated(patched, now);
  }

  private static Environment updated(Environment environment, Instant now) {
    return new Environment(
        environment.id(),
        environment.name(),
        environment.description(),
        environment.config(),
        environment.metadata(),
        environment.scope(),
        environment.createdAt(),
        now,
        null);
  }

  private static void requireScope(Fields fields) {
    fields.choice("scope", List.of(SCOPE));
  }

  private static EnvironmentConfig newConfig(Fields config) {
    return config.requiredChoice("type", TYPES).equals(EnvironmentConfig.SELF_HOSTED)
        ? new SelfHostedConfig()
        : cloud(config, CloudConfig.DEFAULT);
  }

  private static EnvironmentConfig patched(EnvironmentConfig current, Fields config) {
    String type = config.requiredChoice("type", TYPES);
    return switch (current) {
      case SelfHostedConfig selfHosted when type.equals(EnvironmentConfig.SELF_HOSTED) ->
          selfHosted;
      case CloudConfig cloud when type.equals(EnvironmentConfig.CLOUD) -> cloud(config, cloud);
      case SelfHostedConfig _ -> throw typeChange(EnvironmentConfig.SELF_HOSTED, type);
      case CloudConfig _ -> throw typeChange(EnvironmentConfig.CLOUD, type);
    };
  }

  private static ApiException typeChange(String from, String to) {
    return new ApiException(
        ApiError.invalid(
            "`config.type` is \"%s\", but this environment is \"%s\" for good.".formatted(to, from),
            "invalid_config_type_change"));
  }

  private static CloudConfig cloud(Fields config, CloudConfig base) {
    Fields networking = config.object("networking");
    Fields packages = config.object("packages");
    CloudConfig merged =
        new CloudConfig(
            networking == null ? base.networking() : networking(networking, base.networking()),
            packages == null ? base.packages() : packages(packages, base.packages()));
    if (merged.networking() instanceof Limited limited
        && !limited.allowPackageManagers()
        && !merged.packages().equals(Packages.NONE)) {
      throw new ApiException(
          ApiError.invalid(
              "`config.packages` names packages, but `config.networking` is \"limited\" without"
                  + " `allow_package_managers`: they could not be installed."));
    }
    return merged;
  }

  private static Networking networking(Fields networking, Networking current) {
    if (networking.requiredChoice("type", NETWORKS).equals("unrestricted")) {
      return new Unrestricted();
    }
    Limited base = current instanceof Limited limited ? limited : LIMITED_DEFAULT;
    return new Limited(
        networking.value("allowed_hosts") == null
            ? base.allowedHosts()
            : networking.list("allowed_hosts", HOSTS_MAX, EnvironmentRules::host).stream()
                .distinct()
                .toList(),
        networking.flag("allow_mcp_servers", base.allowMcpServers()),
        networking.flag("allow_package_managers", base.allowPackageManagers()));
  }

  private static String host(JsonNode entry, String path) {
    String host = Fields.text(entry, path, 1, HOST_CHARS_MAX).toLowerCase(Locale.ROOT);
    if (!HOST.matcher(host).matches()) {
      throw Fields.refusal(
          path,
          entry,
          "must be a host such as example.com or *.example.com, without scheme, port or path");
    }
    return host;
  }

  private static Packages packages(Fields packages, Packages base) {
    packages.choice("type", List.of("packages"));
    return new Packages(
        manager(packages, "apt", base.apt()),
        manager(packages, "cargo", base.cargo()),
        manager(packages, "gem", base.gem()),
        manager(packages, "go", base.go()),
        manager(packages, "npm", base.npm()),
        manager(packages, "pip", base.pip()));
  }

  private static List<String> manager(Fields packages, String manager, List<String> stored) {
    return packages.value(manager) == null
        ? stored
        : packages.list(manager, PACKAGES_MAX, EnvironmentRules::packageName);
  }

  private static String packageName(JsonNode entry, String path) {
    String name = Fields.text(entry, path, 1, PACKAGE_CHARS_MAX);
    if (CONTROL.matcher(name).find()) {
      throw Fields.refusal(path, entry, "must not hold a control character");
    }
    return name;
  }
}
