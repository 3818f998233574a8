package io.steward.vaultproxy.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a signature may cover of a request beside its body.
///
/// @param target from the path on, with the query, as it is written
/// @param headers in their order; values are texts of bytes (ISO 8859-1)
public record RequestHead(String method, String target, List<Map.Entry<String, String>> headers) {
  public RequestHead {
    headers = List.copyOf(headers);
  }

  /// The values of a header, whatever the case of its name.
  public List<String> values(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  /// With one value of that header instead of those it has.
  RequestHead with(String name, String value) {
    List<Map.Entry<String, String>> changed = new ArrayList<>(headers);
    changed.removeIf(header -> header.getKey().equalsIgnoreCase(name));
    changed.add(Map.entry(name, value));
    return new RequestHead(method, target, changed);
  }

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// Without its question mark.
  String query() {
    int query = target.indexOf('?');
    return query < 0 ? "" : target.substring(query + 1);
  }

  @Override
  public String toString() {
    return "RequestHead[" + method + "]";
  }
}
