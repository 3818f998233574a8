package io.steward.schemas.search;

import java.net.IDN;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which pages a search may show. An entry covers its host and the hosts below it, and when it
/// names a path, that path and what is below it. Source: contract/core.md §2.6.
public sealed interface SearchDomains {
  /// All of them.
  record Any() implements SearchDomains {}

  record Only(List<String> entries) implements SearchDomains {
    public Only {
      entries = List.copyOf(entries);
    }
  }

  record Except(List<String> entries) implements SearchDomains {
    public Except {
      entries = List.copyOf(entries);
    }
  }

  /// @param allowed as the tool's configuration has them, or null for no restriction
  /// @param blocked not both of them
  /// @throws IllegalArgumentException when both are there
  static SearchDomains of(@Nullable List<String> allowed, @Nullable List<String> blocked) {
    if (allowed != null && blocked != null) {
      throw new IllegalArgumentException("allowed_domains and blocked_domains exclude each other");
    }
    if (allowed != null) {
      return new Only(allowed);
    }
    return blocked == null ? new Any() : new Except(blocked);
  }

  /// Whether a page may be shown. What is no plain `http` or `https` URL never is.
  default boolean permits(String url) {
    Optional<Place> page = Place.ofUrl(url);
    return page.isPresent()
        && switch (this) {
          case Any _ -> true;
          case Only(var entries) ->
              entries.stream().anyMatch(entry -> Place.ofEntry(entry).covers(page.get()));
          case Except(var entries) ->
              entries.stream().noneMatch(entry -> Place.ofEntry(entry).covers(page.get()));
        };
  }

  /// A host and a path on it, in the one spelling they are compared in.
  ///
  /// @param path decoded, without dots, empty segments and a slash at its end; empty for the root
  record Place(String host, String path) {
    private static final Pattern URL =
        Pattern.compile(
            "https?://([^/?#@\\\\\\s\\p{Cntrl}]+)(/[^?#\\\\\\s\\p{Cntrl}]*)?([?#][^\\s\\p{Cntrl}]*)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");

    static Optional<Place> ofUrl(String url) {
      Matcher matcher = URL.matcher(url);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String host = host(PORT.matcher(matcher.group(1)).replaceFirst(""));
      return host.isEmpty()
          ? Optional.empty()
          : Optional.of(new Place(host, path(matcher.group(2) == null ? "" : matcher.group(2))));
    }

    static Place ofEntry(String entry) {
      int slash = entry.indexOf('/');
      return slash < 0
          ? new Place(host(entry), "")
          : new Place(host(entry.substring(0, slash)), path(entry.substring(slash)));
    }

    boolean covers(Place page) {
      boolean sameHost = page.host.equals(host) || page.host.endsWith("." + host);
      return sameHost && (page.path.equals(path) || page.path.startsWith(path + "/"));
    }

    private static String host(String text) {
      String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
      try {
        return IDN.toASCII(name).toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        return "";
      }
    }

    private static String path(String text) {
      Deque<String> kept = new ArrayDeque<>();
      for (String segment : decoded(text).split("/", -1)) {
        switch (segment) {
          case "", "." -> {}
          case ".." -> kept.pollLast();
          default -> kept.addLast(segment);
        }
      }
      return kept.isEmpty() ? "" : "/" + String.join("/", kept);
    }

    private static String decoded(String text) {
      try {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        return text;
      }
    }
  }
}
