package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/// The certificates that programs in a sandbox trust: the machine's, and the authority of the
/// egress proxy. They are files of the control directory, named by the variables that programs look
/// at, and shown over the machine's bundle for those that look at none.
final class TrustFiles {
  /// The machine's certificates and the authority's.
  static final String BUNDLE = "ca-certificates.crt";

  /// The authority's alone.
  static final String AUTHORITY = "egress-authority.crt";

  private static final Logger LOG = Logger.getLogger(TrustFiles.class);

  /// Where distributions keep their bundle.
  private static final List<Path> USUAL =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/cert.pem"));

  /// The largest bundle of a machine that is taken, in bytes; usual ones have 250 kB.
  private static final long MACHINE_BYTES_MAX = 4L * 1024 * 1024;

  private static final List<String> BUNDLE_VARIABLES =
      List.of(
          "SSL_CERT_FILE",
          "CURL_CA_BUNDLE",
          "REQUESTS_CA_BUNDLE",
          "GIT_SSL_CAINFO",
          "PIP_CERT",
          "CARGO_HTTP_CAINFO",
          "AWS_CA_BUNDLE");

  /// Adds to what it trusts anyway; a whole bundle would slow each of its starts.
  private static final String NODE_VARIABLE = "NODE_EXTRA_CA_CERTS";

  private TrustFiles() {}

  /// Names and contents of the files.
  ///
  /// @param authorityPem a certificate
  static Map<String, String> contents(String authorityPem) {
    String authority = authorityPem.strip() + "\n";
    return Map.of(BUNDLE, machine() + authority, AUTHORITY, authority);
  }

  private static String machine() {
    for (Path path : USUAL) {
      if (Files.isRegularFile(path)) {
        try {
          if (Files.size(path) <= MACHINE_BYTES_MAX) {
            return Files.readString(path, StandardCharsets.ISO_8859_1).strip() + "\n";
          }
          LOG.warnf("%s is larger than %d bytes and left out", path, MACHINE_BYTES_MAX);
        } catch (IOException e) {
          LOG.warnf("certificates cannot be read: %s", e);
        }
      }
    }
    return "";
  }

  /// Paths inside over which the bundle is shown. A symlink stays what it is: it may lead to
  /// nowhere in a sandbox.
  static List<String> shownOver() {
    return USUAL.stream()
        .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
        .map(Path::toString)
        .toList();
  }

  /// The variables that name the files.
  ///
  /// @param directory with the files, as the inside sees it
  static Map<String, String> environment(Path directory) {
    Map<String, String> variables = new LinkedHashMap<>();
    BUNDLE_VARIABLES.forEach(name -> variables.put(name, directory.resolve(BUNDLE).toString()));
    variables.put(NODE_VARIABLE, directory.resolve(AUTHORITY).toString());
    return variables;
  }
}
