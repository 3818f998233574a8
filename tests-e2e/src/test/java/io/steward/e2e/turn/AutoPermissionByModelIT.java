package io.steward.e2e.turn;

import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Stage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Calls that a model judges before they run, on a Steward that has a judge.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AutoPermissionByModelIT {
  private static final String JUDGE = "claude-judge";

  private @Nullable Stage stage;

  @BeforeAll
  void setStage() throws Exception {
    stage = Stage.set("auto-model", Map.of("STEWARD_JUDGE_MODEL", JUDGE));
    stage.model().playAll(JUDGE, Script.answering(AutoPermissionByModelIT::judge));
  }

  @AfterAll
  void closeStage() throws Exception {
    stage().close();
  }

  /// The verdict is what the command says after `#`.
  private static Reply judge(ModelRequest request) {
    String text = String.join("\n", request.newestUserTexts());
    for (String verdict : List.of("allow", "ask", "deny")) {
      if (text.contains("# " + verdict)) {
        return Reply.text(verdict);
      }
    }
    return text.contains("# broken")
        ? Reply.unauthorized()
        : Reply.text("As far as I can see, this call is fine: allow");
  }

  @ParameterizedTest
  @CsvSource({
    "frobnicate # allow,allow,",
    "ls # ask,ask,indeterminate",
    "ls # deny,deny,high_risk",
    "ls # garbage,ask,indeterminate",
    "ls # broken,ask,indeterminate",
  })
  void a_call_is_judged_by_the_model(String command, String permission, @Nullable String reasonCode)
      throws Exception {
    new AutoAgent(stage()).expect("bash {'command':'" + command + "'}", permission, reasonCode);
  }

  private Stage stage() {
    if (stage == null) {
      throw new IllegalStateException("no stage");
    }
    return stage;
  }
}
