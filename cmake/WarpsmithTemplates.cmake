# Finds the families: every folder of templates/ with a spec.cpp is one, and defines `Family FOLDER_family()`.
# Writes two files: the list of families, and the text of every kernel source, so that a program carries them.
file(GLOB family_specs CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/templates/*/spec.cpp")
file(GLOB_RECURSE kernel_sources CONFIGURE_DEPENDS
     RELATIVE "${PROJECT_SOURCE_DIR}/templates" "${PROJECT_SOURCE_DIR}/templates/*.cuh")
file(GLOB case_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/templates/*/cases.txt")

set(family_names "")
foreach(spec ${family_specs})
    get_filename_component(folder ${spec} DIRECTORY)
    get_filename_component(family ${folder} NAME)
    list(APPEND family_names ${family})
endforeach()

function(warpsmith_generate_templates target)
    set(kernel_paths ${kernel_sources})
    list(TRANSFORM kernel_paths PREPEND "${PROJECT_SOURCE_DIR}/templates/")
    set(output "${CMAKE_BINARY_DIR}/generated/families.cpp")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DROOT=${PROJECT_SOURCE_DIR}/templates"
                "-DFAMILIES=${family_names}" "-DSOURCES=${kernel_sources}" -P "${PROJECT_SOURCE_DIR}/cmake/EmbedTemplates.cmake"
        DEPENDS ${kernel_paths} ${case_files} "${PROJECT_SOURCE_DIR}/cmake/EmbedTemplates.cmake"
        COMMENT "Embedding the kernel sources" VERBATIM)
    target_sources(${target} PRIVATE "${output}")
endfunction()
