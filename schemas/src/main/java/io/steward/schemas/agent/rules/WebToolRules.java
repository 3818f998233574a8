package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.AgentTool.DefaultConfig;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.agent.UrlSources;
import io.steward.schemas.agent.UrlSources.Source;
import io.steward.schemas.agent.UrlSources.ToolReference;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rules of the entries for `web_search` and `web_fetch`. Source: contract/core.md §2.6.
final class WebToolRules {
  private static final int LOCATION_CHARS_MAX = 255;
  private static final int TOOL_NAME_CHARS_MAX = 128;
  private static final int TOOLS_MAX = 128;
  private static final List<String> ALL_OR_NONE = List.of("all", "none");
  private static final List<String> SOURCE_TYPES = List.of("all", "none", "only", "except");
  private static final Set<String> SERVER_TOOLS =
      Set.of(ToolConfig.WEB_SEARCH, ToolConfig.WEB_FETCH);

  private WebToolRules() {}

  static ToolConfig.WebSearch webSearch(Fields config, DefaultConfig resolved) {
    List<String> allowed =
        WebDomains.read(config, "allowed_domains", WebDomains.PathSuffix.ALLOWED);
    List<String> blocked =
        WebDomains.read(config, "blocked_domains", WebDomains.PathSuffix.ALLOWED);
    requireOneList(config, allowed, blocked);
    return new ToolConfig.WebSearch(
        resolved.enabled(), resolved.permissionPolicy(), allowed, blocked, location(config));
  }

  /// @param customTools names of the custom tools in the same `tools`
  static ToolConfig.WebFetch webFetch(
      Fields config, DefaultConfig resolved, Set<String> customTools) {
    List<String> allowed =
        WebDomains.read(config, "allowed_domains", WebDomains.PathSuffix.REFUSED);
    List<String> blocked =
        WebDomains.read(config, "blocked_domains", WebDomains.PathSuffix.REFUSED);
    requireOneList(config, allowed, blocked);
    return new ToolConfig.WebFetch(
        resolved.enabled(),
        resolved.permissionPolicy(),
        allowed,
        blocked,
        config.positive("max_content_tokens"),
        urlSources(config, customTools));
  }

  private static void requireOneList(
      Fields config, @Nullable List<String> allowed, @Nullable List<String> blocked) {
    if (allowed != null && blocked != null) {
      throw config.refusal("blocked_domains", "must not be sent together with `allowed_domains`");
    }
  }

  private static ToolConfig.@Nullable UserLocation location(Fields config) {
    Fields location = config.object("user_location");
    if (location == null) {
      return null;
    }
    location.requiredChoice("type", List.of("approximate"));
    String country = location.text("country", 1, LOCATION_CHARS_MAX);
    if (country != null && !Arrays.asList(Locale.getISOCountries()).contains(country)) {
      throw location.refusal("country", "must be an ISO 3166-1 alpha-2 code in upper case");
    }
    String timezone = location.text("timezone", 1, LOCATION_CHARS_MAX);
    if (timezone != null && !ZoneId.getAvailableZoneIds().contains(timezone)) {
      throw location.refusal("timezone", "must be an IANA time zone such as Europe/Berlin");
    }
    return new ToolConfig.UserLocation(
        location.text("city", 1, LOCATION_CHARS_MAX),
        location.text("region", 1, LOCATION_CHARS_MAX),
        country,
        timezone);
  }

  private static @Nullable UrlSources urlSources(Fields config, Set<String> customTools) {
    Fields sources = config.object("url_sources");
    if (sources == null) {
      return null;
    }
    UrlSources resolved =
        new UrlSources(
            source(sources, "client_tool_results", SOURCE_TYPES, customTools, "a custom tool"),
            source(
                sources,
                "server_tool_results",
                SOURCE_TYPES,
                SERVER_TOOLS,
                "web_search or web_fetch"),
            source(sources, "user_input", ALL_OR_NONE, Set.of(), "a tool"));
    UrlSources.None none = new UrlSources.None();
    if (resolved.equals(new UrlSources(none, none, none))) {
      throw config.refusal("url_sources", "must leave at least one source that is not \"none\"");
    }
    return resolved;
  }

  private static @Nullable Source source(
      Fields sources, String field, List<String> types, Set<String> known, String what) {
    JsonNode value = sources.value(field);
    if (value == null) {
      return null;
    }
    if (value.isTextual()) {
      return sources.requiredChoice(field, ALL_OR_NONE).equals("all")
          ? new UrlSources.All()
          : new UrlSources.None();
    }
    Fields source = sources.requiredObject(field);
    return switch (source.requiredChoice("type", types)) {
      case "all" -> new UrlSources.All();
      case "none" -> new UrlSources.None();
      case "only" -> new UrlSources.Only(tools(source, known, what));
      default -> new UrlSources.Except(tools(source, known, what));
    };
  }

  private static List<ToolReference> tools(Fields source, Set<String> known, String what) {
    Set<String> seen = new HashSet<>();
    List<ToolReference> tools =
        source.list(
            "tools",
            TOOLS_MAX,
            (entry, path) -> {
              Fields tool = Fields.at(entry, path);
              tool.requiredChoice("type", List.of("tool_reference"));
              String name = tool.requiredText("name", 1, TOOL_NAME_CHARS_MAX);
              if (!known.contains(name)) {
                throw tool.refusal("name", "must be the name of " + what + " of this agent");
              }
              if (!seen.add(name)) {
                throw tool.refusal("name", "must not be in the list twice");
              }
              return new ToolReference(name);
            });
    if (tools.isEmpty()) {
      throw source.refusal("tools", "must name 1 to 128 tools");
    }
    return tools;
  }
}
