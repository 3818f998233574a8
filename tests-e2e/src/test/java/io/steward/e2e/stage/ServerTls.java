package io.steward.e2e.stage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A key and the certificate of a server of the test, which is its own authority.
///
/// @param certificate as PEM
public record ServerTls(SSLContext context, Path certificate) {
  private static final String PASSWORD = "changeit";

  /// @param directory where the files are put
  /// @param alternativeNames as keytool takes them, such as `dns:localhost,ip:127.0.0.1`
  public static ServerTls create(Path directory, String alternativeNames) throws Exception {
    Path store = Files.createDirectories(directory).resolve("keys.p12");
    Path certificate = directory.resolve("ca.pem");
    keytool(
        "-genkeypair -keyalg EC -groupname secp256r1 -validity 30 -dname CN=test -ext san="
            + alternativeNames
            + " -ext bc=ca:true -storetype PKCS12",
        store);
    keytool("-exportcert -rfc -file " + certificate, store);
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return new ServerTls(context, certificate);
  }

  private static void keytool(String options, Path store) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(options.split(" ")));
    command.addAll(List.of("-alias", "server", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + said);
    }
  }
}
