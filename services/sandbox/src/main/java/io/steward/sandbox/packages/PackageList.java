package io.steward.sandbox.packages;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an environment wants installed.
///
/// @param items per manager, in the order in which managers run: sorted, no two the same, never
///   none
record PackageList(SortedMap<Installer, List<String>> items) {
  PackageList {
    items = Collections.unmodifiableSortedMap(new TreeMap<>(items));
  }

  /// The list in `config` of an environment. Source: contract/core.md §3.4.
  ///
  /// @throws IllegalArgumentException when an item cannot be a package; the message names it
  static PackageList of(JsonNode environmentConfig) {
    Map<Installer, List<String>> items = new EnumMap<>(Installer.class);
    for (Installer manager : Installer.values()) {
      JsonNode asked = environmentConfig.path("packages").path(manager.word());
      List<String> checked = new ArrayList<>();
      for (int i = 0; i < asked.size(); i++) {
        String path = "packages." + manager.word() + "[" + i + "]";
        checked.add(manager.requireItem(asked.path(i).asText(), path));
      }
      if (!checked.isEmpty()) {
        items.put(manager, checked.stream().distinct().sorted().toList());
      }
    }
    return new PackageList(new TreeMap<>(items));
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /// The name of this list in the cache of a machine.
  ///
  /// @param base what else decides how the installed packages come out
  String key(String base) {
    StringBuilder text = new StringBuilder(base);
    items.forEach(
        (manager, names) -> text.append("\n\n" + manager.word() + "\n" + String.join("\n", names)));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
