package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// curl and the AWS CLI, signing with what a sandbox holds, at a server that knows the real key.
class RealSignersTest {
  private static final AwsParty REAL = new AwsParty("AKIDREAL", "canary-aws-key-0123456789abcdef");
  private static final SessionId SESSION = SessionId.random(1);
  private static final Placeholder ID = placeholder("AWS_ACCESS_KEY_ID");
  private static final Placeholder KEY = placeholder("AWS_SECRET_ACCESS_KEY");

  @TempDir private static Path directory;
  private static WebSite site;
  private static ProxyStage stage;
  private static Path bundle;
  private static Path object;

  private static Placeholder placeholder(String name) {
    return new Placeholder(Placeholders.of("salt", SESSION, name));
  }

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example");
    site = WebSite.start(identity);
    site.page("/bucket/key", RealSignersTest::store);
    stage =
        ProxyStage.start(
            directory,
            Set.of(site.port()),
            ProxyLimits.usual(),
            ProxyStage.trust(identity.certificate()));
    stage.use(
        new Injection(
            "vlt_1",
            "vcrd_1",
            HostSet.listed(List.of("site.example")),
            new Injection.SignAws(
                ID,
                KEY,
                REAL.accessKeyId(),
                REAL.key().getBytes(UTF_8),
                null,
                List.of("eu-central-1"),
                List.of())));
    bundle = Files.writeString(directory.resolve("bundle.pem"), stage.authority().certificatePem());
    object = Files.writeString(directory.resolve("object"), "x".repeat(200_000));
  }

  private static void store(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    boolean signed =
        REAL.signed(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            headers,
            headers.getOrDefault("authorization", ""),
            body);
    exchange.sendResponseHeaders(signed ? 200 : 403, -1);
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  @Test
  void what_curl_signs_is_signed_anew() throws Exception {
    assumeTrue(isThere("curl"));
    String status =
        run(
            "curl",
            "-sS",
            "--max-time",
            "60",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "--cacert",
            bundle.toString(),
            "--aws-sigv4",
            "aws:amz:eu-central-1:s3",
            "--user",
            ID.text() + ":" + KEY.text(),
            "-d",
            "hello",
            "https://site.example:" + site.port() + "/bucket/key");
    assertEquals("200", status);
    assertEquals("vcrd_1", stage.seen().used.getLast().credentialId());
  }

  @Test
  void what_the_aws_cli_puts_is_signed_anew() throws Exception {
    assumeTrue(isThere("aws"));
    String printed =
        run(
            "aws",
            "--endpoint-url",
            "https://site.example:" + site.port(),
            "s3api",
            "put-object",
            "--bucket",
            "bucket",
            "--key",
            "key",
            "--body",
            object.toString());
    String sent = String.valueOf(site.visits().getLast().headers().get("Authorization"));
    assertTrue(sent.contains(REAL.accessKeyId()), sent);
    assertEquals(200, stage.seen().used.getLast().status(), printed);
  }

  private static boolean isThere(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(
            name -> name.toLowerCase(Locale.ROOT).contains("proxy") || name.startsWith("AWS_"));
    environment.put(
        "HTTPS_PROXY",
        "http://sandbox:" + ProxyStage.TOKEN + "@127.0.0.1:" + stage.address().getPort());
    environment.put("AWS_ACCESS_KEY_ID", ID.text());
    environment.put("AWS_SECRET_ACCESS_KEY", KEY.text());
    environment.put("AWS_CA_BUNDLE", bundle.toString());
    environment.put("AWS_DEFAULT_REGION", "eu-central-1");
    environment.put("AWS_MAX_ATTEMPTS", "1");
    environment.put(
        "AWS_CONFIG_FILE",
        Files.writeString(
                directory.resolve("config"), "[default]\ns3 =\n  addressing_style = path\n")
            .toString());
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(List.of(command) + ": " + printed);
    }
    return printed;
  }
}
