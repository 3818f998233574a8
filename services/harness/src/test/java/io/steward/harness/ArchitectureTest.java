package io.steward.harness;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.UUID;

@AnalyzeClasses(
    packages = "io.steward.harness",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] PURE = {
    "io.steward.harness.decide..", "io.steward.harness.request.."
  };

  @ArchTest
  static final ArchRule DECISIONS_SEE_VALUES_ONLY =
      classes()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.harness.decide..",
              "io.steward.harness.request..",
              "io.steward.schemas..",
              "com.fasterxml.jackson.databind..",
              "java.lang..",
              "java.util..",
              "java.time..",
              "java.nio.charset..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule DECISIONS_SEE_NO_KAFKA =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.steward.schemas.kafka..");

  @ArchTest
  static final ArchRule NOBODY_READS_THE_CLOCK_OR_MAKES_CHANCE_BY_THEMSELVES =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(UUID.class, "randomUUID");

  @ArchTest
  static final ArchRule THE_LOOP_KNOWS_NO_MODEL_PROVIDER =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.harness.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.anthropic..", "com.openai..", "software.amazon..", "com.google.auth..");

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Impl");
}
