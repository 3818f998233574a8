package io.steward.vaultproxy.inject;

import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.policy.HostSet;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A secret of a session, where it may be used, and how. Source: contract/platform.md §3.5, ADR 22.
///
/// @param vaultId of the vault that holds the credential; null for the token of a repository
/// @param hosts the credential allows
public record Injection(@Nullable String vaultId, String credentialId, HostSet hosts, Form form) {

  /// A secret that takes the place of its placeholder.
  ///
  /// @param header whether it may stand in values of headers
  /// @param body whether it may stand in bodies
  public Injection(
      String vaultId,
      String credentialId,
      Placeholder placeholder,
      byte[] secret,
      HostSet hosts,
      boolean header,
      boolean body) {
    this(vaultId, credentialId, hosts, new Replace(placeholder, secret, header, body));
  }

  /// How a secret is used. Secrets are asked for only where they are used.
  public sealed interface Form {}

  /// The secret takes the place of its placeholder.
  public record Replace(Placeholder placeholder, byte[] secret, boolean header, boolean body)
      implements Form {
    Replacement replacement(String credentialId) {
      return new Replacement(placeholder.bytes(), secret, credentialId);
    }

    /// Whether it can stand in a header without ending it.
    boolean fitsHeader() {
      for (byte b : secret) {
        if (b == '\r' || b == '\n' || b == 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String toString() {
      return "Replace";
    }
  }

  /// The secret key of AWS makes the signature that the sandbox made with its placeholder.
  ///
  /// @param id what the sandbox holds for the access key id
  /// @param key what it holds for the secret key
  /// @param regions it signs for; empty for all
  /// @param services it signs for; empty for all
  public record SignAws(
      Placeholder id,
      Placeholder key,
      String accessKeyId,
      byte[] secretAccessKey,
      @Nullable SessionToken sessionToken,
      List<String> regions,
      List<String> services)
      implements Form {
    public SignAws {
      regions = List.copyOf(regions);
      services = List.copyOf(services);
    }

    @Override
    public String toString() {
      return "SignAws";
    }
  }

  /// What goes with a key of AWS that ends.
  ///
  /// @param text visible ASCII characters
  public record SessionToken(Placeholder placeholder, String text) {
    @Override
    public String toString() {
      return "SessionToken";
    }
  }

  /// The secret is the key of a message authentication code, which takes the place of its
  /// placeholder in one header.
  ///
  /// @param header that has the placeholder, and then the code
  /// @param prefix of the code in its header, perhaps empty
  /// @param signedHeaders whose values come before the body in what is signed
  /// @param separator after each of them
  public record SignHmac(
      Placeholder placeholder,
      byte[] key,
      Algorithm algorithm,
      Encoding encoding,
      String header,
      String prefix,
      List<String> signedHeaders,
      String separator)
      implements Form {
    public SignHmac {
      signedHeaders = List.copyOf(signedHeaders);
    }

    @Override
    public String toString() {
      return "SignHmac";
    }
  }

  /// The hash of a message authentication code.
  public enum Algorithm {
    SHA1("HmacSHA1"),
    SHA256("HmacSHA256"),
    SHA512("HmacSHA512");

    private final String javaName;

    Algorithm(String javaName) {
      this.javaName = javaName;
    }

    String javaName() {
      return javaName;
    }
  }

  /// How a message authentication code is written.
  public enum Encoding {
    HEX,
    BASE64
  }

  /// The secret is the password of a request that has none.
  public record GitLogin(byte[] token) implements Form {
    private static final String USER = "x-access-token:";

    /// User name and token, as `Authorization: Basic` has them.
    public String credentials() {
      byte[] user = USER.getBytes(StandardCharsets.US_ASCII);
      byte[] pair = Arrays.copyOf(user, user.length + token.length);
      System.arraycopy(token, 0, pair, user.length, token.length);
      return Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "GitLogin";
    }
  }

  public boolean covers(HostName host) {
    return hosts.covers(host);
  }

  @Override
  public String toString() {
    return "Injection[" + credentialId + "]";
  }
}
