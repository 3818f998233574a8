package io.steward.vaultproxy.inject;

import io.steward.vaultproxy.inject.Injection.SignHmac;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A message authentication code of the body that leaves, in the header where the sandbox put the
/// placeholder of its key. Source: ADR 22.
record HmacSigning(String credentialId, SignHmac how) implements Signing {
  static Plan plan(RequestHead in, String credentialId, SignHmac how) {
    String placeholder = how.placeholder().text();
    List<String> values = in.values(how.header());
    if (values.stream().noneMatch(value -> value.contains(placeholder))) {
      return Planned.NOTHING;
    }
    String value = values.getFirst().strip();
    boolean alone = value.equals(placeholder) || value.equals(how.prefix() + placeholder);
    return values.size() == 1 && alone
        ? new Planned(List.of(new HmacSigning(credentialId, how)))
        : new Unfit(
            "The header "
                + how.header()
                + " must be there once, and hold the placeholder and nothing else: the proxy puts"
                + " the signature of the credential "
                + credentialId
                + " there.");
  }

  @Override
  public boolean needsBody() {
    return true;
  }

  @Override
  public boolean fixesBody() {
    return false;
  }

  @Override
  public Outcome sign(RequestHead out, byte[] body) {
    ByteArrayOutputStream content = new ByteArrayOutputStream(body.length);
    for (String name : how.signedHeaders()) {
      List<String> values = out.values(name);
      if (values.size() != 1) {
        return new Unfit(
            "The signature of the credential "
                + credentialId
                + " covers the header "
                + name
                + ", so the request must have it, once.");
      }
      content.writeBytes(values.getFirst().strip().getBytes(StandardCharsets.ISO_8859_1));
      content.writeBytes(how.separator().getBytes(StandardCharsets.ISO_8859_1));
    }
    content.writeBytes(body);
    return new Signed(Map.of(how.header(), how.prefix() + code(content.toByteArray())));
  }

  private String code(byte[] content) {
    byte[] code;
    try {
      Mac mac = Mac.getInstance(how.algorithm().javaName());
      mac.init(new SecretKeySpec(how.key(), how.algorithm().javaName()));
      code = mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return switch (how.encoding()) {
      case HEX -> HexFormat.of().formatHex(code);
      case BASE64 -> Base64.getEncoder().encodeToString(code);
    };
  }

  @Override
  public String toString() {
    return "HmacSigning[" + credentialId + "]";
  }
}
