package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.agent.UrlSources;
import io.steward.schemas.agent.UrlSources.Source;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.session.Transcript;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether a URL has appeared in a part of the conversation that may contribute URLs. What a
/// summary stands for has not appeared any more: nobody can tell where it came from. Source:
/// contract/core.md §2.6.
final class UrlOrigins {
  private static final Pattern URL =
      Pattern.compile("https?://[^\\s<>\"'`\\\\{}\\[\\]|^]+", Pattern.CASE_INSENSITIVE);

  /// What may follow a URL in a text without a space between, and tells no pages apart.
  private static final String INSIGNIFICANT = "/.,;:!?)*";

  private final UrlSources sources;
  private final Map<String, String> toolNames = new HashMap<>();

  private UrlOrigins(UrlSources sources) {
    this.sources = sources;
  }

  /// @param entries the conversation, oldest first
  /// @param url as the model wrote it
  static boolean permit(UrlSources sources, List<Transcript.Entry> entries, String url) {
    UrlOrigins origins = new UrlOrigins(sources);
    String page = normal(url.strip());
    return !page.isEmpty() && entries.stream().anyMatch(entry -> origins.contributes(entry, page));
  }

  private boolean contributes(Transcript.Entry entry, String url) {
    return switch (entry) {
      case Transcript.Summary _ -> false;
      case Transcript.SystemInput(var content) ->
          content.stream().anyMatch(text -> mentions(text, url));
      case Transcript.UserInput(var content) ->
          !(sources.userInput() instanceof UrlSources.None) && mention(content, url);
      case Transcript.ModelReply reply -> {
        reply.content().forEach(this::remember);
        yield false;
      }
      case Transcript.ToolResults(var results) ->
          results.stream()
              .anyMatch(result ->
                  counts(toolNames.getOrDefault(result.modelToolUseId(), ""))
                      && mention(result.content(), url));
    };
  }

  private void remember(JsonNode block) {
    if (block.path("type").asText().equals("tool_use")) {
      toolNames.put(block.path("id").asText(), block.path("name").asText());
    }
  }

  private boolean counts(String tool) {
    return counts(
        ToolConfig.WEB_TOOLS.contains(tool)
            ? sources.serverToolResults()
            : sources.clientToolResults(),
        tool);
  }

  private static boolean counts(@Nullable Source source, String tool) {
    return switch (source) {
      case null -> true;
      case UrlSources.All _ -> true;
      case UrlSources.None _ -> false;
      case UrlSources.Only(var tools) ->
          tools.stream().anyMatch(reference -> reference.name().equals(tool));
      case UrlSources.Except(var tools) ->
          tools.stream().noneMatch(reference -> reference.name().equals(tool));
    };
  }

  private static boolean mention(List<ContentBlock> content, String url) {
    return content.stream().anyMatch(block -> mentions(block, url));
  }

  private static boolean mentions(ContentBlock block, String url) {
    return switch (block) {
      case ContentBlock.Text(String text) -> mentions(text, url);
      case ContentBlock.Document(ContentBlock.Source.PlainText text, var _, var _) ->
          mentions(text.data(), url);
      case ContentBlock.SearchResult result ->
          mentions(result.source(), url)
              || result.content().stream().anyMatch(text -> mentions(text, url));
      case ContentBlock.Document _, ContentBlock.Image _, ContentBlock.Redacted _ -> false;
    };
  }

  private static boolean mentions(String text, String url) {
    Matcher matcher = URL.matcher(text);
    while (matcher.find()) {
      if (isUrl(matcher.group(), url)) {
        return true;
      }
    }
    return false;
  }

  /// Whether `found` is `url` with at most a fragment, slashes and punctuation behind it.
  private static boolean isUrl(String found, String url) {
    if (!found.startsWith(url)) {
      return false;
    }
    int fragment = found.indexOf('#', url.length());
    return found
        .substring(url.length(), fragment < 0 ? found.length() : fragment)
        .chars()
        .allMatch(character -> INSIGNIFICANT.indexOf(character) >= 0);
  }

  /// Without a fragment and slashes at the end.
  private static String normal(String url) {
    int fragment = url.indexOf('#');
    int end = fragment < 0 ? url.length() : fragment;
    while (end > 0 && url.charAt(end - 1) == '/') {
      end--;
    }
    return url.substring(0, end);
  }
}
