package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one built-in tool is configured; `type` and `name` are the same word. Source:
/// contract/core.md §2.6.
@JsonTypeInfo(
    use = JsonTypeInfo.Id.NAME,
    include = JsonTypeInfo.As.EXISTING_PROPERTY,
    property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(
      value = ToolConfig.Sandboxed.class,
      names = {"bash", "edit", "read", "write", "glob", "grep"}),
  @JsonSubTypes.Type(value = ToolConfig.WebSearch.class, name = ToolConfig.WEB_SEARCH),
  @JsonSubTypes.Type(value = ToolConfig.WebFetch.class, name = ToolConfig.WEB_FETCH)
})
public sealed interface ToolConfig {
  String WEB_FETCH = "web_fetch";
  String WEB_SEARCH = "web_search";

  /// The names of all built-in tools.
  List<String> NAMES =
      List.of("bash", "edit", "read", "write", "glob", "grep", WEB_FETCH, WEB_SEARCH);

  /// The built-in tools that need no sandbox: Steward runs them, also when the sandbox is the
  /// user's own.
  Set<String> WEB_TOOLS = Set.of(WEB_FETCH, WEB_SEARCH);

  /// Which built-in tool this is about.
  String name();

  boolean enabled();

  PermissionPolicy permissionPolicy();

  /// The same word as [#name()]; clients tell the forms apart by it.
  @JsonProperty("type")
  default String type() {
    return name();
  }

  /// One of the six tools that run in a sandbox.
  @JsonPropertyOrder({"type", "name"})
  record Sandboxed(String name, boolean enabled, PermissionPolicy permissionPolicy)
      implements ToolConfig {}

  /// @param allowedDomains only these hosts and paths, or null for no restriction
  /// @param blockedDomains never these hosts and paths, or null; not together with `allowedDomains`
  @JsonPropertyOrder({"type", "name"})
  record WebSearch(
      boolean enabled,
      PermissionPolicy permissionPolicy,
      @Nullable List<String> allowedDomains,
      @Nullable List<String> blockedDomains,
      @Nullable UserLocation userLocation)
      implements ToolConfig {
    @Override
    @JsonProperty("name")
    public String name() {
      return WEB_SEARCH;
    }
  }

  /// @param allowedDomains only these hosts, or null for no restriction
  /// @param blockedDomains never these hosts, or null; not together with `allowedDomains`
  /// @param maxContentTokens how much of a text page the model gets at most, or null
  /// @param urlSources where a URL must have appeared to be fetched, or null for anywhere
  @JsonPropertyOrder({"type", "name"})
  record WebFetch(
      boolean enabled,
      PermissionPolicy permissionPolicy,
      @Nullable List<String> allowedDomains,
      @Nullable List<String> blockedDomains,
      @Nullable Integer maxContentTokens,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable UrlSources urlSources)
      implements ToolConfig {
    @Override
    @JsonProperty("name")
    public String name() {
      return WEB_FETCH;
    }
  }

  /// Where the user is, roughly.
  ///
  /// @param country ISO 3166-1 alpha-2, upper case
  /// @param timezone an IANA zone
  @JsonPropertyOrder({"type"})
  record UserLocation(
      @Nullable String city,
      @Nullable String region,
      @Nullable String country,
      @Nullable String timezone) {
    /// Always `approximate`.
    @JsonProperty("type")
    public String type() {
      return "approximate";
    }
  }
}
