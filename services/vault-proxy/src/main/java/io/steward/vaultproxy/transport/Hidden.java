package io.steward.vaultproxy.transport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.steward.vaultproxy.vault.SecretValue;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The tokens that were sent to a server, and what stands for them in what comes back. Safe from
/// any thread.
public final class Hidden {
  /// What stands for a token.
  public static final String PLACEHOLDER = "[secret]";

  /// Tokens of one server that are remembered: it may say one that was replaced.
  static final int REMEMBERED_MAX = 8;

  /// Shorter tokens are in too many words.
  static final int CHARS_MIN = 4;

  private static final char REPLACEMENT = '\ufffd';

  private final Deque<String> tokens = new ArrayDeque<>();

  /// From now on this token is replaced.
  synchronized void remember(SecretValue token) {
    String text = token.text();
    if (text.length() < CHARS_MIN || text.equals(tokens.peekFirst())) {
      return;
    }
    tokens.remove(text);
    tokens.addFirst(text);
    while (tokens.size() > REMEMBERED_MAX) {
      tokens.removeLast();
    }
  }

  private synchronized List<String> spellings() {
    List<String> spellings = new ArrayList<>();
    for (String token : tokens) {
      spellings.add(token);
      String encoded = URLEncoder.encode(token, StandardCharsets.UTF_8);
      if (!encoded.equals(token)) {
        spellings.add(encoded);
      }
    }
    return spellings;
  }

  /// Whether a token is in these bytes.
  public boolean isIn(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return spellings().stream().anyMatch(text::contains);
  }

  /// The tree with a placeholder for each token, in its names too, and with nothing that cannot be
  /// stored or sent on: no NUL, and no half of a character.
  JsonNode clean(JsonNode tree) {
    return clean(tree, spellings());
  }

  private static JsonNode clean(JsonNode tree, List<String> spellings) {
    return switch (tree) {
      case TextNode text -> {
        String clean = clean(text.textValue(), spellings);
        yield clean.equals(text.textValue()) ? text : TextNode.valueOf(clean);
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, clean(array.get(i), spellings));
        }
        yield array;
      }
      case ObjectNode object -> {
        ObjectNode cleaned = object.objectNode();
        object
            .properties()
            .forEach(member ->
                cleaned.set(
                    clean(member.getKey(), spellings), clean(member.getValue(), spellings)));
        yield cleaned;
      }
      default -> tree;
    };
  }

  private static String clean(String text, List<String> spellings) {
    String clean = text;
    for (String spelling : spellings) {
      clean = clean.replace(spelling, PLACEHOLDER);
    }
    return storable(clean) ? clean : stored(clean);
  }

  private static boolean storable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (!isPair(text, i)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static String stored(String text) {
    StringBuilder stored = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPair(text, i)) {
        stored.append(c).append(text.charAt(++i));
      } else {
        stored.append(c == 0 || Character.isSurrogate(c) ? REPLACEMENT : c);
      }
    }
    return stored.toString();
  }

  private static boolean isPair(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        && at + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(at + 1));
  }
}
