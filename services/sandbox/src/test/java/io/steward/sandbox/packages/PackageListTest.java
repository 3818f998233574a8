package io.steward.sandbox.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageListTest {
  private static PackageList list(Map<String, List<String>> packages) {
    return PackageList.of(Json.tree(Map.of("type", "cloud", "packages", packages)));
  }

  @Test
  void managers_run_in_the_order_of_the_alphabet() {
    PackageList list =
        list(
            Map.of(
                "pip", List.of("b"),
                "apt", List.of("jq", "bc", "jq"),
                "npm", List.of("x"),
                "gem", List.of()));

    assertEquals(
        List.of(Installer.APT, Installer.NPM, Installer.PIP), List.copyOf(list.items().keySet()));
    assertEquals(List.of("bc", "jq"), list.items().get(Installer.APT));
  }

  @Test
  void an_environment_without_packages_installs_nothing() {
    assertTrue(PackageList.of(Json.tree(Map.of())).isEmpty());
    assertTrue(PackageList.of(Json.tree(Map.of("type", "self_hosted"))).isEmpty());
    assertTrue(list(Map.of("apt", List.of())).isEmpty());
  }

  @Test
  void the_key_depends_on_what_is_wanted_and_on_the_machine_but_not_on_the_order() {
    PackageList one = list(Map.of("pip", List.of("a", "b")));

    assertEquals(one.key("m"), list(Map.of("pip", List.of("b", "a"))).key("m"));
    assertNotEquals(one.key("m"), one.key("other machine"));
    assertNotEquals(one.key("m"), list(Map.of("npm", List.of("a", "b"))).key("m"));
    assertNotEquals(one.key("m"), list(Map.of("pip", List.of("a"))).key("m"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          apt   | g++
          apt   | libc6:amd64
          apt   | ffmpeg=7:5.1.6-0+deb12u1
          apt   | jq/stable
          cargo | ripgrep
          cargo | ripgrep@14.1.0
          gem   | rails:7.1.0
          gem   | rails:~>7.1
          go    | golang.org/x/tools/cmd/stringer
          go    | github.com/a/b/v2/cmd/c@v2.1.0-rc.1+x
          npm   | typescript
          npm   | @types/node@22.1.0
          npm   | left-pad@^1.3
          npm   | http://127.0.0.1:8080/x-1.0.tgz
          npm   | x@https://example.com/x-1.0.tgz
          pip   | requests
          pip   | uvicorn[standard]>=0.30,<1
          pip   | numpy==1.26.*
          pip   | x @ http://127.0.0.1:8080/x-1.0-py3-none-any.whl
          pip   | git+https://example.com/a/b.git@v1#egg=b
          """)
  void what_managers_understand_is_taken(String manager, String item) {
    assertEquals(
        List.of(item), list(Map.of(manager, List.of(item))).items().values().iterator().next());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          apt   | -o=APT::Update::Pre-Invoke::=id
          apt   | jq;id
          apt   | ./local.deb
          apt   | vim-
          cargo | --git=https://example.com
          cargo | ../x
          gem   | /etc/passwd
          gem   | $(id)
          go    | ./cmd
          go    | a/../../b
          go    | -toolexec=id
          npm   | --registry=http://x
          npm   | file:/etc
          npm   | /etc
          npm   | x@file:/etc
          npm   | "a b"
          pip   | -r/etc/passwd
          pip   | --index-url=http://x
          pip   | .
          pip   | /etc
          pip   | x @ file:///etc
          pip   | `id`
          """)
  void what_could_be_an_option_a_path_or_text_of_a_shell_is_refused(String manager, String item) {
    assertThrows(IllegalArgumentException.class, () -> list(Map.of(manager, List.of(item))));
  }

  @Test
  void a_refusal_names_the_item_and_the_rule() {
    assertEquals(
        "`packages.apt[1]` is \"-x\", but must be a package as apt writes it, such as `jq`,"
            + " `jq=1.6-2.1` or `jq/stable`",
        assertThrows(IllegalArgumentException.class, () -> list(Map.of("apt", List.of("jq", "-x"))))
            .getMessage());
  }
}
