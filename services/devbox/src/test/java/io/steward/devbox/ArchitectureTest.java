package io.steward.devbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which package may know which. Think hard about the layering before changing this file.
@AnalyzeClasses(
    packages = "io.steward.devbox",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("instance")
          .definedBy("io.steward.devbox")
          .layer("proxy")
          .definedBy("io.steward.devbox.proxy..")
          .layer("demo")
          .definedBy("io.steward.devbox.demo..")
          .layer("kafka")
          .definedBy("io.steward.devbox.kafka..")
          .layer("postgres")
          .definedBy("io.steward.devbox.postgres..")
          .layer("supervise")
          .definedBy("io.steward.devbox.supervise..")
          .layer("program")
          .definedBy("io.steward.devbox.program..")
          .layer("tail")
          .definedBy("io.steward.devbox.tail..")
          .layer("settings")
          .definedBy("io.steward.devbox.settings..")
          .whereLayer("instance")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("proxy")
          .mayOnlyBeAccessedByLayers("instance")
          .whereLayer("demo")
          .mayOnlyBeAccessedByLayers("instance")
          .whereLayer("kafka")
          .mayOnlyBeAccessedByLayers("instance")
          .whereLayer("postgres")
          .mayOnlyBeAccessedByLayers("instance")
          .whereLayer("supervise")
          .mayOnlyBeAccessedByLayers("instance", "postgres")
          .whereLayer("program")
          .mayOnlyBeAccessedByLayers("instance", "proxy", "kafka")
          .whereLayer("tail")
          .mayOnlyBeAccessedByLayers("instance")
          .whereLayer("settings")
          .mayOnlyBeAccessedByLayers(
              "instance", "proxy", "postgres", "supervise", "program", "tail");

  @ArchTest
  static final ArchRule VERTX_STAYS_AT_THE_EDGE =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.steward.devbox.supervise..",
              "io.steward.devbox.program..",
              "io.steward.devbox.settings..",
              "io.steward.devbox.kafka..",
              "io.steward.devbox.tail..",
              "io.steward.devbox.postgres..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx..");

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(
              ".*(Util|Utils|Helper|Helpers|Manager|Impl|Abstract|Base|Processor|Data|Info)");
}
