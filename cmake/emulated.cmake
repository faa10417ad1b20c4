# Programs built for another machine have scripts of the same names in run/, which start them under the emulator.
function(ql_emulated folder)
    get_property(targets DIRECTORY ${CMAKE_SOURCE_DIR}/${folder} PROPERTY BUILDSYSTEM_TARGETS)
    list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
    foreach(target ${targets})
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "EXECUTABLE")
            file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/run/${folder}/${target}
                CONTENT "#!/bin/sh\nexec ${emulator} $<TARGET_FILE:${target}> \"$@\"\n"
                FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
        endif()
    endforeach()
endfunction()

ql_emulated(.)
ql_emulated(tests)
