"""Hold OpenCV and Open3D against frames: python reproject.py FRAMES.npz

It has, per frame, depth (H, W), m, `T_world_camera`, the points (H, W, 3) of the world that its pixels show by the
rays of `Intrinsics`, and the camera matrix for OpenCV; and `size` and `open3d`, what Open3D's intrinsics are made of.
"""

import json
import sys

import cv2
import numpy as np
import open3d as o3d

frames = np.load(sys.argv[1])
worst = {"opencv_px": 0.0, "open3d_m": 0.0, "open3d_forgotten_m": 0.0}
for depth, pose, points in zip(frames["depth"], frames["T_world_camera"], frames["points"], strict=True):
    seen = depth > 0
    T_camera_world = np.linalg.inv(pose)
    turn, _ = cv2.Rodrigues(T_camera_world[:3, :3])
    pixels, _ = cv2.projectPoints(points[seen], turn, T_camera_world[:3, 3], frames["opencv"], None)
    rows, columns = np.nonzero(seen)
    off = np.abs(pixels[:, 0] - np.stack([columns, rows], axis=1)).max()
    worst["opencv_px"] = max(worst["opencv_px"], float(off))
    image = o3d.geometry.Image(np.ascontiguousarray(depth))
    for name, shift in (("open3d_m", 0.0), ("open3d_forgotten_m", 0.5)):
        width, height, fx, fy, cx, cy = frames["open3d"]
        camera = o3d.camera.PinholeCameraIntrinsic(int(width), int(height), fx, fy, cx + shift, cy + shift)
        cloud = o3d.geometry.PointCloud.create_from_depth_image(
            image, camera, T_camera_world, depth_scale=1.0, depth_trunc=1000.0
        )
        apart = np.linalg.norm(np.asarray(cloud.points) - points[seen], axis=1)
        worst[name] = max(worst[name], float(apart.max()))
worst["programs"] = f"OpenCV {cv2.__version__}, Open3D {o3d.__version__}"
sys.stdout.write(f"\n{json.dumps(worst)}\n")
