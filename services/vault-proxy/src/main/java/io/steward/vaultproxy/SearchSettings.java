package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/// Searches of the web. Keys are public; there are no defaults.
@ConfigMapping(prefix = "steward.web-search")
public interface SearchSettings {
  /// URL of a SearXNG instance whose JSON format is on, as its users open it. Its host may be on a
  /// private network, and needs no entry among the allowed addresses. Environment:
  /// `STEWARD_WEB_SEARCH_SEARXNG_URL`.
  Optional<String> searxngUrl();
}
