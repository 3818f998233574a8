package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Takes secrets out of answers: each becomes its placeholder again, as it is, in percent signs, or
/// escaped as in JSON. It keeps a server that repeats what it was sent from telling the sandbox; it
/// does not stop one that changes or compresses the secret first.
public final class Scrub {
  /// Shorter secrets are left: they would be found everywhere.
  public static final int SECRET_BYTES_MIN = 8;

  /// What has no placeholder.
  private static final byte[] NAMELESS = "[secret]".getBytes(ISO_8859_1);

  private final List<Replacement> replacements;

  /// @param injections those for the host that answers, wherever they may be put
  /// @param echoes other forms in which they were sent
  public Scrub(List<Injection> injections, List<Replacement> echoes) {
    Map<String, Replacement> byForm = new LinkedHashMap<>();
    for (Injection injection : injections) {
      switch (injection.form()) {
        case Injection.Replace replace ->
            hide(byForm, replace.secret(), replace.placeholder().bytes(), injection);
        case Injection.SignAws aws -> {
          Injection.SessionToken token = aws.sessionToken(); // The key itself is sent to nobody.
          if (token != null) {
            hide(byForm, token.text().getBytes(ISO_8859_1), token.placeholder().bytes(), injection);
          }
        }
        case Injection.SignHmac hmac ->
            hide(byForm, hmac.key(), hmac.placeholder().bytes(), injection);
        case Injection.GitLogin login -> {
          hide(byForm, login.token(), NAMELESS, injection);
          hide(byForm, login.credentials().getBytes(ISO_8859_1), NAMELESS, injection);
        }
      }
    }
    List<Replacement> all = new ArrayList<>(byForm.values());
    all.addAll(echoes);
    this.replacements = List.copyOf(all);
  }

  /// Whether there is nothing to look for.
  public boolean idle() {
    return replacements.isEmpty();
  }

  /// For one body.
  public ByteReplacer body() {
    return new ByteReplacer(replacements, Integer.MAX_VALUE);
  }

  /// The value of a header without secrets.
  public String header(String value) {
    if (idle()) {
      return value;
    }
    ByteReplacer replacer = body();
    byte[] bytes = value.getBytes(ISO_8859_1);
    return new String(replacer.feed(bytes), ISO_8859_1) + new String(replacer.end(), ISO_8859_1);
  }

  private static void hide(
      Map<String, Replacement> byForm, byte[] secret, byte[] shown, Injection injection) {
    if (secret.length < SECRET_BYTES_MIN) {
      return;
    }
    for (String form : forms(new String(secret, ISO_8859_1))) {
      byForm.putIfAbsent(
          form, new Replacement(form.getBytes(ISO_8859_1), shown, injection.credentialId()));
    }
  }

  private static List<String> forms(String secret) {
    String json = secret.replace("\\", "\\\\").replace("\"", "\\\"");
    return List.of(
        secret,
        URLEncoder.encode(secret, ISO_8859_1),
        URLEncoder.encode(secret, ISO_8859_1).replace("+", "%20"),
        json.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"),
        json.replace("/", "\\/"));
  }
}
