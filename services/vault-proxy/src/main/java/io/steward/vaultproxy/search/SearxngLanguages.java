package io.steward.vaultproxy.search;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// How SearXNG is told a country: it has no parameter for one, but for a language with a region.
/// Countries search engines have regions for, each with the language most people there search in.
final class SearxngLanguages {
  private static final String BY_COUNTRY =
      "AR:es AT:de AU:en BE:nl BG:bg BR:pt CA:en CH:de CL:es CN:zh CO:es CZ:cs DE:de DK:da EE:et"
          + " ES:es FI:fi FR:fr GB:en GR:el HK:zh HR:hr HU:hu ID:id IE:en IL:he IN:en IT:it JP:ja"
          + " KR:ko LT:lt LV:lv MX:es MY:ms NL:nl NO:nb NZ:en PE:es PH:en PL:pl PT:pt RO:ro RU:ru"
          + " SA:ar SE:sv SG:en SI:sl SK:sk TH:th TR:tr TW:zh UA:uk US:en VN:vi ZA:en";

  private static final Map<String, String> LANGUAGES =
      Arrays.stream(BY_COUNTRY.split(" ", -1))
          .collect(
              Collectors.toUnmodifiableMap(
                  entry -> entry.substring(0, 2), entry -> entry.substring(3)));

  private SearxngLanguages() {}

  /// Such as `de-CH`.
  ///
  /// @param country ISO 3166-1 alpha-2, upper case
  static Optional<String> of(String country) {
    return Optional.ofNullable(LANGUAGES.get(country)).map(language -> language + "-" + country);
  }
}
