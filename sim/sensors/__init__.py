"""What real cameras add: noise, a shutter, rate and latency. Each is a value of its own; they compose."""

from sim.sensors.kinect import KinectDepth
from sim.sensors.light import ColorNoise, Exposure, WhiteBalance
from sim.sensors.limits import DepthRange, DepthStep, DisparityStep
from sim.sensors.noise import Chain, Noise
from sim.sensors.redwood import RedwoodDepth
from sim.sensors.shutter import INSTANT, MotionBlur, RollingShutter, Shutter, interpolate_poses
from sim.sensors.spec import SensorModel, parse_noise
from sim.sensors.timing import Reading, SampledSensor, Timing

__all__ = [
    "INSTANT",
    "Chain",
    "ColorNoise",
    "DepthRange",
    "DepthStep",
    "DisparityStep",
    "Exposure",
    "KinectDepth",
    "MotionBlur",
    "Noise",
    "Reading",
    "RedwoodDepth",
    "RollingShutter",
    "SampledSensor",
    "SensorModel",
    "Shutter",
    "Timing",
    "WhiteBalance",
    "interpolate_poses",
    "parse_noise",
]
