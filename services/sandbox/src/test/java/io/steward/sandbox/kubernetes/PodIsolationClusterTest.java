package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// What the inside of a pod can and cannot do, tried from inside.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(180)
class PodIsolationClusterTest {
  private static final TestCluster CLUSTER = new TestCluster();
  private static final SandboxPods PODS =
      new SandboxPods(
          CLUSTER.client(),
          TestPods.settings(
              CLUSTER.namespace(),
              TestPods.IMAGE,
              TestPods.resources("500m", "64Mi"),
              Duration.ofSeconds(60)),
          PodProgram.IDLE,
          new PoolSize(0, 0, Duration.ofMinutes(1), Duration.ofHours(1)),
          new SandboxPods.Identity("sbxo_1", Duration.ofSeconds(30), Duration.ofMinutes(2)),
          _ -> Set.of(),
          new PodTally(),
          InstantSource.system());

  private static SandboxPod shared;

  @BeforeAll
  static void open() throws IOException {
    shared = pod();
  }

  @AfterAll
  static void close() {
    CLUSTER.close();
  }

  private static SandboxPod pod() throws IOException {
    return assertInstanceOf(SandboxPods.Obtained.Got.class, PODS.obtain(SessionId.random(0))).pod();
  }

  private record Result(String text, int code) {}

  private static Result run(SandboxPod pod, String script) throws IOException {
    PodConnection connection = pod.start(List.of("bash", "-c", "exec 2>&1; " + script));
    try {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      CompletableFuture<Void> errors =
          CompletableFuture.runAsync(() -> {
            try {
              connection.output().transferTo(ByteArrayOutputStream.nullOutputStream());
            } catch (IOException e) {
              // The pod ended; what it wrote counts.
            }
          });
      try {
        connection.frames().transferTo(text);
      } catch (IOException e) {
        text.writeBytes("(lost)".getBytes(StandardCharsets.UTF_8));
      }
      assertTrue(connection.awaitEnd(Duration.ofSeconds(60)));
      errors.join();
      return new Result(text.toString(StandardCharsets.UTF_8), connection.exitCode().orElse(-1));
    } finally {
      connection.kill();
    }
  }

  private static String output(String script) throws IOException {
    return run(shared, script).text();
  }

  private static void assertFails(String script) throws IOException {
    Result result = run(shared, script);
    assertNotEquals(0, result.code(), script + " worked: " + result.text());
  }

  @Test
  void there_is_no_token_and_no_secret() throws IOException {
    assertEquals(
        "",
        output(
            "find / -path /proc -prune -o -name '*token*' -type f -print -o -path '*/secrets/*'"
                + " -print"));
    assertFails("ls /var/run/secrets /run/secrets");
    assertEquals("", output("env | grep -iE 'token|secret|password'"));
  }

  @Test
  void the_api_server_is_out_of_reach_or_knows_nobody_here() throws IOException {
    String code =
        output(
            "curl -sk -o /dev/null -w '%{http_code}' -m 3"
                + " \"https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/pods\"");

    assertTrue(Set.of("000", "401", "403").contains(code), code);
  }

  @Test
  void the_metadata_address_is_out_of_reach() throws IOException {
    assertEquals(
        "000", output("curl -s -o /dev/null -w '%{http_code}' -m 3 http://169.254.169.254/"));
  }

  @Test
  void names_are_not_resolved() throws IOException {
    assertFails("curl -s -m 5 http://kubernetes.default.svc/");
  }

  @Test
  void there_is_no_privilege_and_no_way_to_one() throws IOException {
    String status = output("cat /proc/self/status");
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
      assertTrue(status.contains(set + ":\t0000000000000000"), status);
    }
    assertTrue(status.contains("NoNewPrivs:\t1"), status);
    assertTrue(status.contains("Seccomp:\t2"), status);
    assertEquals("1000:1000\n", output("echo $(id -u):$(id -g)"));
    assertFails("echo | su -c id");
    assertFails("setpriv --reuid 0 id");
    assertFails("mount -t tmpfs none /tmp");
    assertFails("unshare -Ur id");
    assertFails("unshare -n true");
    assertFails("mknod /tmp/disk b 8 0");
    assertFails("chroot / true");
  }

  @Test
  void devices_of_the_node_are_not_there() throws IOException {
    assertEquals("", output("find /dev -type b"));
    assertFails("head -c 1 /dev/mem");
    assertFails("echo 1 > /proc/sys/kernel/panic");
    assertFails("echo b > /proc/sysrq-trigger");
  }

  @Test
  void processes_of_others_are_not_seen() throws IOException {
    assertEquals("1\n", output("ls -d /proc/[0-9]* | head -n 1 | tr -dc '0-9\\n'"));
    assertFails("ls /proc/1/root/etc/kubernetes");
  }

  @Test
  void only_the_places_of_the_agent_can_be_written() throws IOException {
    for (String path : List.of("/x", "/usr/bin/x", "/etc/x", "/var", "/mnt/x", "/home/x")) {
      assertFails("echo 1 > " + path);
    }
    for (String place :
        List.of(
            "/workspace",
            "/mnt/session/outputs",
            "/mnt/session/uploads",
            "/home/agent",
            "/tmp",
            "/run/steward")) {
      assertEquals("1\n", output("echo 1 > " + place + "/x; cat " + place + "/x"));
    }
  }

  @Test
  void a_fork_bomb_harms_nobody_else() throws IOException {
    SandboxPod bombed = pod();
    PodConnection bomb =
        bombed.start(List.of("bash", "-c", "b() { b | b & }; b; sleep 3; echo over"));
    try {
      boolean _ = bomb.awaitEnd(Duration.ofSeconds(5));

      assertEquals("well\n", output("echo well"));
    } finally {
      bomb.kill();
      bombed.close();
    }
    assertEquals("its pod was deleted", bombed.end().orElseThrow());
  }

  @Test
  void a_memory_bomb_is_ended_and_its_pod_goes_on_or_says_why_not() throws IOException {
    SandboxPod bombed = pod();
    try {
      Result result =
          run(bombed, "head -c 300m /dev/zero | tail -c 300m > /dev/null; exit ${PIPESTATUS[1]}");

      boolean told =
          result.code() == 137 || bombed.end().filter(end -> end.contains("memory")).isPresent();
      assertTrue(told, result + " " + bombed.end());
      assertEquals("well\n", output("echo well"));
    } finally {
      bombed.close();
    }
  }

  @Test
  void memory_files_count_as_memory() throws IOException {
    SandboxPod bombed = pod();
    try {
      Result result = run(bombed, "head -c 300m /dev/zero > /run/steward/x");

      assertNotEquals(0, result.code());
    } finally {
      bombed.close();
    }
  }

  /// Nodes look at disks every 10 s or more.
  @Test
  void who_fills_the_disk_is_ended_with_a_reason() throws IOException {
    SandboxPod filled = pod();
    try {
      long start = System.nanoTime();
      Result result = run(filled, "head -c 100m /dev/zero > /workspace/x; sleep 55");
      while (filled.end().isEmpty() && System.nanoTime() - start < 150_000_000_000L) {
        result = run(filled, "sleep 5");
      }

      String reason = filled.end().orElseThrow();
      System.out.printf(
          "pods: a full disk ended its pod after %d s: %s %s%n",
          (System.nanoTime() - start) / 1_000_000_000L, reason, result);
      assertTrue(reason.contains("its node ended it for what it used"), reason);
    } finally {
      filled.close();
    }
  }

  @Test
  void whether_other_pods_can_be_reached_is_up_to_the_network_of_the_cluster() throws IOException {
    SandboxPod server = pod();
    PodConnection listening =
        server.start(List.of("socat", "TCP-LISTEN:8080,fork", "SYSTEM:echo hello"));
    try {
      String address =
          CLUSTER
              .client()
              .pods()
              .inNamespace(CLUSTER.namespace())
              .withName(server.name())
              .get()
              .getStatus()
              .getPodIP();
      String answer =
          output(
              "for i in 1 2 3; do curl -s --http0.9 -m 2 http://"
                  + address
                  + ":8080/ && break; sleep 0.2; done");
      System.out.println(
          answer.contains("hello")
              ? "pods: UNTRIED: other pods can be reached, this cluster enforces no NetworkPolicy"
              : "pods: other pods cannot be reached");
    } finally {
      listening.kill();
      server.close();
    }
  }
}
