package io.steward.agentconfig;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Who may know what inside this service.
@AnalyzeClasses(
    packages = "io.steward.agentconfig",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
  @ArchTest
  static final ArchRule REACTIVE_TYPES_STAY_IN_THE_STORES =
      noClasses()
          .that()
          .haveSimpleNameNotStartingWith("Postgres")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.smallrye.mutiny..", "org.hibernate..");

  @ArchTest
  static final ArchRule FEATURES_DO_NOT_GO_ROUND_IN_CIRCLES =
      slices().matching("io.steward.agentconfig.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule KAFKA_IS_KNOWN_TO_ITS_TWO_EDGES_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackages("..outbox..", "..sessions..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule RESOURCES_ARE_NOT_PUBLIC =
      classes().that().haveSimpleNameEndingWith("Resource").should().notBePublic();

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Abstract|Base|Processor|Data|Info)");

  @ArchTest
  static final ArchRule NO_OTHER_SERVICE_IS_KNOWN =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.sessionlog..",
              "io.steward.harness..",
              "io.steward.sandbox..",
              "io.steward.vaultproxy..",
              "io.steward.devbox..");
}
