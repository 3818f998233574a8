package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The rules of `allowed_domains` and `blocked_domains` of the web tools. Source: contract/core.md
/// §2.6.
final class WebDomains {
  private static final int ENTRIES_MAX = 64;
  private static final int ENTRY_CHARS_MAX = 255;
  private static final String RULE =
      "must be a plain host name such as docs.example.com: no scheme, port, wildcard or IP"
          + " address, and at least a registrable domain";

  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e&&[^?#$,|^!\\\\]]*");
  private static final Set<String> LOCAL_SUFFIXES =
      Set.of("localhost", "local", "internal", "localdomain", "invalid");

  /// Second-level labels under which country registries sell names: `co.uk` is no one's domain.
  private static final Set<String> REGISTRY_LABELS =
      Set.of("ac", "co", "com", "edu", "gob", "gov", "ltd", "mil", "ne", "net", "nom", "or", "org");

  private static final int COUNTRY_LABEL_CHARS = 2;

  /// Whether an entry may name a path below its host.
  enum PathSuffix {
    ALLOWED,
    REFUSED
  }

  private WebDomains() {}

  /// The entries of one list, in lower case and without a trailing slash; null when the field is
  /// missing or null.
  static @Nullable List<String> read(Fields config, String field, PathSuffix suffix) {
    JsonNode value = config.value(field);
    if (value == null) {
      return null;
    }
    if (value.isArray() && value.isEmpty()) {
      throw config.refusal(field, "must have 1 to 64 entries; leave it out for no restriction");
    }
    Set<String> seen = new HashSet<>();
    return config.list(
        field,
        ENTRIES_MAX,
        (entry, path) -> {
          String domain = domain(entry, path, suffix);
          if (!seen.add(domain)) {
            throw Fields.refusal(path, entry, "must not be in the list twice");
          }
          return domain;
        });
  }

  private static String domain(JsonNode entry, String path, PathSuffix suffix) {
    String text = Fields.text(entry, path, 1, ENTRY_CHARS_MAX);
    String trimmed = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    int slash = trimmed.indexOf('/');
    String host = (slash < 0 ? trimmed : trimmed.substring(0, slash)).toLowerCase(Locale.ROOT);
    String rest = slash < 0 ? "" : trimmed.substring(slash);
    if (!isRegistrable(host)) {
      throw Fields.refusal(path, entry, RULE);
    }
    if (!rest.isEmpty() && suffix == PathSuffix.REFUSED) {
      throw Fields.refusal(path, entry, "must not have a path");
    }
    if (!rest.isEmpty() && !PATH.matcher(rest).matches()) {
      throw Fields.refusal(
          path, entry, "must have a path of ASCII characters without spaces and ? # $ , | ^ !");
    }
    return host + rest;
  }

  private static boolean isRegistrable(String host) {
    List<String> labels = List.of(host.split("\\.", -1));
    if (labels.size() < 2 || !labels.stream().allMatch(label -> LABEL.matcher(label).matches())) {
      return false;
    }
    String last = labels.getLast();
    boolean registrySuffix =
        labels.size() == 2
            && last.length() == COUNTRY_LABEL_CHARS
            && REGISTRY_LABELS.contains(labels.getFirst());
    return !registrySuffix && !LOCAL_SUFFIXES.contains(last) && !NUMBER.matcher(last).matches();
  }
}
